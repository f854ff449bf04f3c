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
INVENTORY = snapshot_of({"_meta": {"hostvars": {"web-01": {"instance_id": KNOWN}, NAMED: {}}}})


def refuse(question):
    raise AssertionError(f"AWS is asked {question}")


CONTEXT = AdapterContext(source="aws", received_at="2026-01-31T12:00:00Z", new_id=lambda: "new", inventory=INVENTORY, names=refuse)


def sought(content, **labels):
    return seek_hosts(DEFAULT_HOSTS, labels=labels, content=content, context=CONTEXT)


def test_they_are_rules():
    Draft202012Validator(HOSTS_SCHEMA).validate(list(DEFAULT_HOSTS))


@pytest.mark.parametrize(
    "content",
    [
        lambda id_: {"detail": {"instance-id": id_}},
        lambda id_: {"detail": {"EC2InstanceId": id_}},
        lambda id_: {"detail": {"ec2InstanceId": id_}},
        lambda id_: {"detail": {"resource": {"instanceDetails": {"instanceId": id_}}}},
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
