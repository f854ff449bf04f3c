# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing that others write leads to the machine that runs the playbooks."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.controller import kept_away_from_controller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.hosts import with_exact_names
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of

INVENTORY = snapshot_of(
    {"_meta": {"hostvars": {"localhost": {"ansible_host": "192.0.2.1"}, "web-01": {"ansible_host": "192.0.2.2"}, "here": {"ansible_connection": "local"}}}}
)
WITHOUT_LOCALHOST = snapshot_of({"_meta": {"hostvars": {"web-01": {}}}})


def event(*hosts, **data):
    attributes = {"type": "alert.firing", "hosts": list(hosts), "data": {"name": "cpu", **data}}
    return event_from_attributes(attributes, source="aws", received_at="2026-01-31T12:00:00Z", new_id=lambda: "n")


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "::1", "192.0.2.1"])
def test_who_names_the_controller_names_nobody(host):
    found = kept_away_from_controller(event(host, "web-01"), INVENTORY)
    assert found.hosts == (f"{host} (the controller)", "web-01")
    assert INVENTORY.resolve_all(found.hosts) == ("web-01",)
    assert found.data["unresolved"] == f"{host}: the machine that runs the playbooks is nobody's instance"
    assert with_exact_names(event(host), INVENTORY).data["unresolved"]


def test_it_is_so_where_the_inventory_does_not_have_it_yet():
    assert kept_away_from_controller(event("localhost"), WITHOUT_LOCALHOST).hosts == ("localhost (the controller)",)


def test_what_is_said_already_is_kept():
    found = kept_away_from_controller(event("localhost", "i-1", unresolved="i-1: has no tag"), INVENTORY)
    assert found.data["unresolved"] == "localhost: the machine that runs the playbooks is nobody's instance; i-1: has no tag"


@pytest.mark.parametrize("hosts", [(), ("web-01",), ("192.0.2.2", "unknown"), ("here",)])
def test_all_else_stays_as_it_is(hosts):
    given = event(*hosts)
    assert kept_away_from_controller(given, INVENTORY) is given


def test_hosts_are_named_as_the_inventory_has_them():
    assert with_exact_names(event("192.0.2.2", "unknown", "web-01"), INVENTORY).hosts == ("web-01", "unknown")
