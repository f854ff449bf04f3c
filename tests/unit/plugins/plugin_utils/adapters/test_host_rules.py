# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the host of an event is."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NoHost, hosts_by, without_port
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, snapshot_of
from jsonschema import Draft202012Validator

INVENTORY = snapshot_of(
    {
        "_meta": {
            "hostvars": {
                "web-01": {"prometheus_instance": "10.0.0.1:9100", "instance_id": "i-1"},
                "web-02": {"ansible_host": "2001:db8::2", "instance_id": "i-2", "rack": 7},
                "web-03": {"instance_id": "i-2"},
            }
        },
        "all": {"hosts": ["web-01", "web-02", "web-03"]},
        "web": {"hosts": ["web-01"]},
    }
)


def hosts(*rules, inventory=INVENTORY, content=None, **labels):
    return hosts_by(rules, labels=labels, content=content or {}, inventory=inventory)


def test_the_first_rule_that_leads_to_a_known_host_is_taken():
    rules = ({"label": "host"}, {"label": "instance", "strip_port": True}, {"hostvar": "prometheus_instance"})
    assert hosts(*rules, host="web-02", instance="web-01:9100") == ("web-02",)
    assert hosts(*rules, host="job", instance="web-01:9100") == ("web-01",)
    assert hosts(*rules, host="job", instance="10.0.0.1:9100") == ("web-01",), "by the variable"
    assert hosts(*rules, instance="[2001:db8:0::2]:9100") == ("2001:db8:0::2",), "its address is known"


def test_what_nobody_knows_is_still_named():
    assert hosts({"label": "host"}, {"label": "instance", "strip_port": True}, host="gone", instance="lost:1") == ("gone",)
    assert hosts({"label": "host"}, "none", host="gone") == ("gone",), "it is about a host, only not about one of ours"


def test_a_value_that_two_hosts_share_or_that_is_a_groups_name_leads_nowhere():
    assert hosts({"hostvar": "instance_id", "label": "InstanceId"}, "none", InstanceId="i-2") == ()
    assert hosts({"label": "host"}, {"label": "instance"}, host="web", instance="web-01") == ("web-01",)
    assert hosts({"hostvar": "rack", "label": "rack"}, rack="7") == ("web-02",)


def test_what_is_meant_for_a_host_that_is_not_named_is_about_nobody_knows_which():
    with pytest.raises(NoHost, match="the label host, the variable instance_id by the path detail.id leads to a host"):
        hosts({"label": "host"}, {"hostvar": "instance_id", "path": "detail.id"}, instance="web-01")
    assert hosts({"label": "host"}, "none") == ()


def test_paths_lists_and_urls():
    content = {"detail": {"ids": ["i-1", "web-02", 5, None, {"a": 1}]}}
    assert hosts({"path": "detail.ids"}, content=content) == ("i-1", "web-02", "5")
    assert hosts({"label": "instance", "from_url": True}, instance="https://web-01:8443/health") == ("web-01",)
    assert hosts({"label": "instance", "from_url": True}, "none", instance="http://[::1") == ()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("web-01:9100", "web-01"),
        ("web-01", "web-01"),
        ("192.0.2.1:80", "192.0.2.1"),
        ("[2001:db8::1]:9100", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("web-01:http", "web-01:http"),
        (":80", ""),
        ("web-01:٣", "web-01:٣"),
    ],
)
def test_the_port_is_taken_off(text, host):
    assert without_port(text) == host


@pytest.mark.parametrize("rules", [[], [{}], [{"label": "a", "path": "b"}], [{"label": ""}], ["localhost"], [{"hostvar": "a b"}], [{"label": "a", "port": 1}]])
def test_rules_that_mean_nothing_are_refused(rules):
    assert not Draft202012Validator(HOSTS_SCHEMA).is_valid(rules)


def test_without_an_inventory_the_first_name_is_taken():
    assert hosts({"hostvar": "x"}, {"label": "instance", "strip_port": True}, inventory=Snapshot(), instance="a:1") == ("a",)
