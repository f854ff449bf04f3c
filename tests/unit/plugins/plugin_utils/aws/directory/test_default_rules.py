# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose host an event of AWS is about where the rulebook does not say it: what names an instance runs on that host, or nowhere."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, Sought, seek_hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of
from jsonschema import Draft202012Validator

KNOWN, NAMED, LOST = "i-00000000000000001", "i-00000000000000002", "i-0000000000000dead"
INVENTORY = snapshot_of({"_meta": {"hostvars": {"localhost": {}, "dc-01": {}, "web-01": {"instance_id": KNOWN}, NAMED: {}}}})


def refuse(question):
    raise AssertionError(f"AWS is asked {question}")


CONTEXT = AdapterContext(source="aws", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new", inventory=INVENTORY, names=refuse)


def sought(content, **labels):
    return seek_hosts(DEFAULT_HOSTS, labels=labels, content=content, context=CONTEXT)


def test_they_are_rules():
    Draft202012Validator(HOSTS_SCHEMA).validate(list(DEFAULT_HOSTS))


FOR_AN_INSTANCE = [
    lambda id_: {"detail": {"instance-id": id_}},
    lambda id_: {"detail": {"EC2InstanceId": id_}},
    lambda id_: {"detail": {"ec2InstanceId": id_}},
    lambda id_: {"detail": {"resource": {"instanceDetails": {"instanceId": id_}}}},
]


@pytest.mark.parametrize(
    "content",
    [
        *FOR_AN_INSTANCE,
        lambda id_: {"resources": [f"arn:aws:ec2:eu-central-1:123456789012:instance/{id_}"]},
        lambda id_: {"resources": ["vol-0123456789abcdef0", id_], "detail": {"service": "EC2"}},
        lambda id_: {"log_stream": id_},
    ],
)
def test_an_event_that_names_an_instance_is_about_its_host_or_about_one_that_nobody_knows(content):
    assert sought(content(KNOWN)) == Sought(("web-01",))
    assert sought(content(NAMED)) == Sought((NAMED,))
    assert sought(content(LOST)) == Sought((LOST,))


def test_so_is_an_alarm():
    assert sought({}, InstanceId=KNOWN) == Sought(("web-01",))
    assert sought({}, InstanceId=LOST, AutoScalingGroupName="web") == Sought((LOST,))
    assert sought({}, host="web-01", path="/") == Sought(("web-01",))
    assert sought({}, host="unknown") == Sought(("unknown",))


def test_what_names_no_instance_is_about_no_host():
    assert sought({}, AutoScalingGroupName="web") == Sought()
    assert sought({"resources": ["arn:aws:s3:::bucket"], "detail": {"bucket": {"name": "bucket"}}}) == Sought()
    assert sought({"log_group": "/aws/lambda/x", "log_stream": "2026/11/26/[$LATEST]0123"}) == Sought()


@pytest.mark.parametrize("content", FOR_AN_INSTANCE)
@pytest.mark.parametrize("value", ["localhost", "dc-01", "web-01"])
def test_what_stands_for_an_instance_is_no_hosts_name(content, value):
    for found in (sought(content(value)), sought({}, InstanceId=value)):
        (host,) = found.hosts
        assert host.endswith(f"={value}") and INVENTORY.resolve(host) is None and found.unresolved


def test_an_instance_whose_host_is_not_known_is_no_host_that_is_named_beside_it():
    assert sought({}, InstanceId=LOST, host="web-01") == Sought((LOST,))
    assert sought({"detail": {"instance-id": LOST}, "resources": [KNOWN]}) == Sought((LOST,))
