# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a scale set means."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.azure.measured import measured
from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import RECORD, Seen
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import read_measured
from hypothesis import given
from hypothesis import strategies as st

ID = "/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web"
HEALTH = {"properties": {"type": "ApplicationHealthLinux"}}


def scale_set(capacity: int = 2, tags: dict | None = None, **properties: Any) -> dict:
    return {"id": ID, "name": "web", "sku": {"capacity": capacity}, "tags": tags, "properties": {"provisioningState": "Succeeded", **properties}}


def with_health(**properties: Any) -> dict:
    return scale_set(virtualMachineProfile={"extensionProfile": {"extensions": [HEALTH]}}, **properties)


def instance(name: str, provisioning: str = "Succeeded", power: str = "running", health: str = "", created: str = "", **properties: Any) -> dict:
    view: dict = {"statuses": [{"code": f"ProvisioningState/{provisioning.lower()}"}, {"code": f"PowerState/{power}"}]}
    if health:
        view["vmHealth"] = {"status": {"code": f"HealthState/{health}"}}
    return {"name": name, "properties": {"provisioningState": provisioning, "instanceView": view, "timeCreated": created, **properties}}


def only(row: dict, within: dict | None = None) -> dict:
    (found,) = measured(Seen(within or scale_set(), [row]))["instances"]
    return found


@pytest.mark.parametrize(
    ("provisioning", "power", "state"),
    [
        ("Succeeded", "running", "in_service"),
        ("Creating", "starting", "starting"),
        ("Creating", "running", "starting"),
        ("Succeeded", "starting", "starting"),
        ("Deleting", "running", "stopping"),
        ("Succeeded", "deallocating", "stopping"),
        ("Succeeded", "deallocated", "other"),
        ("Succeeded", "stopped", "other"),
        ("Failed", "running", "other"),
        ("Updating", "running", "other"),
        ("SomethingNew", "running", "other"),
    ],
)
def test_the_state_of_an_instance_follows_from_provisioning_and_power(provisioning: str, power: str, state: str) -> None:
    assert only(instance("web_1", provisioning, power))["state"] == state


@pytest.mark.parametrize(
    ("health", "state", "healthy"),
    [("healthy", "in_service", True), ("unhealthy", "in_service", False), ("unknown", "warming", False), ("", "warming", False)],
)
def test_where_the_application_is_asked_its_answer_counts(health: str, state: str, healthy: bool) -> None:
    found = only(instance("web_1", health=health), with_health())
    assert (found["state"], found["healthy"]) == (state, healthy)


def test_a_probe_of_a_load_balancer_is_such_a_question_too() -> None:
    probed = scale_set(virtualMachineProfile={"networkProfile": {"healthProbe": {"id": "probe"}}})
    assert not only(instance("web_1"), probed)["healthy"]


def test_without_such_a_question_a_running_instance_is_healthy() -> None:
    assert only(instance("web_1"))["healthy"]
    assert not only(instance("web_1", "Failed"))["healthy"]


@pytest.mark.parametrize("name", ["protectFromScaleIn", "protectFromScaleSetActions"])
def test_both_kinds_of_protection_keep_an_instance(name: str) -> None:
    assert only(instance("web_1", protectionPolicy={name: True}))["protected"]
    assert not only(instance("web_1", protectionPolicy={name: False}))["protected"]


def test_of_a_flexible_one_the_virtual_machine_says_how_it_is_and_the_scale_set_what_is_protected() -> None:
    rows = [{"name": "web_0a", "instanceId": "web_0a", "properties": {"protectionPolicy": {"protectFromScaleIn": True}}}, {"name": "web_0b"}]
    found = measured(Seen(scale_set(orchestrationMode="Flexible"), rows, [instance("WEB_0a"), instance("web_0b", "Creating", "starting")]))
    assert [(each["name"], each["state"], each["protected"]) for each in found["instances"]] == [("web_0a", "in_service", True), ("web_0b", "starting", False)]


def test_an_operation_is_in_progress_until_it_has_ended() -> None:
    assert measured(Seen(scale_set(provisioningState="Updating")))["in_progress"] == "the scale set's provisioningState is Updating"
    assert measured(Seen(scale_set(provisioningState=None)))["in_progress"] == "the scale set's provisioningState is not told"
    assert measured(Seen(scale_set()))["in_progress"] == ""


def test_an_instance_that_changes_is_in_progress_too() -> None:
    rows = [instance("web_1"), instance("web_2", "Updating"), instance("web_3", "Deleting")]
    assert measured(Seen(scale_set(), rows))["in_progress"] == "instances change: web_2 (updating), web_3 (deleting)"


@pytest.mark.parametrize(("code", "goes_on"), [("RollingForward", True), ("Completed", False), ("Cancelled", False), ("Faulted", False)])
def test_a_rolling_upgrade_is_in_progress_while_it_rolls(code: str, goes_on: bool) -> None:
    upgrade = {"properties": {"runningStatus": {"code": code, "startTime": "2026-01-31T12:00:00Z"}}}
    assert bool(measured(Seen(scale_set(), upgrade=upgrade))["in_progress"]) == goes_on


def setting(target: str = ID, enabled: bool = True) -> dict:
    return {"name": "web-cpu", "properties": {"enabled": enabled, "targetResourceUri": target}}


def test_an_enabled_autoscale_setting_of_this_scale_set_stands_against_a_change() -> None:
    found = measured(Seen(scale_set(), autoscale=[setting(ID.upper())]))
    assert found["blocked_out"] == found["blocked_in"] == "the autoscale setting web-cpu is enabled, and would undo it"


@pytest.mark.parametrize("other", [setting(ID + "2"), setting(enabled=False), {"name": "web-cpu"}])
def test_another_one_does_not(other: dict) -> None:
    assert measured(Seen(scale_set(), autoscale=[other]))["blocked_out"] == ""


def test_a_scale_set_whose_last_operation_failed_is_left_alone_and_says_why() -> None:
    view = {"statuses": [{"code": "ProvisioningState/failed/AllocationFailed", "level": "Error", "message": "no room\nfor it"}]}
    found = measured(Seen(scale_set(provisioningState="Failed"), view=view))
    assert found["trouble"] == "AllocationFailed: no room for it"
    assert "AllocationFailed: no room for it" in found["blocked_out"] and found["blocked_in"]


def test_what_neither_serves_nor_comes_is_told_as_trouble() -> None:
    rows = [instance("web_1"), instance("web_2", power="deallocated"), instance("web_3", health="unhealthy"), instance("web_4", "Creating", "starting")]
    assert measured(Seen(with_health(), rows[1:]))["trouble"] == "web_2: deallocated; web_3: its application is not healthy"


@pytest.mark.parametrize(("single", "most"), [(True, 100), (False, 1000), (None, 1000)])
def test_one_placement_group_has_a_hundred_instances_at_most(single: bool | None, most: int) -> None:
    found = measured(Seen(scale_set(singlePlacementGroup=single)))
    assert (found["min"], found["max"]) == (0, most)


def test_the_newest_instance_tells_when_it_was_changed() -> None:
    rows = [instance("web_1", created="2026-01-31T12:00:00.1234567+00:00"), instance("web_2", created="2026-01-31T13:00:00Z"), instance("web_3", created="?")]
    assert measured(Seen(scale_set(), rows))["changed_at"] == 1769864400.0
    assert measured(Seen(scale_set()))["changed_at"] is None


def test_the_record_is_a_tag() -> None:
    assert measured(Seen(scale_set(tags={RECORD: "time=now", "owner": "shop"})))["record"] == "time=now"
    assert measured(Seen(scale_set()))["record"] == ""


def test_while_a_surplus_is_there_nothing_has_arrived_yet() -> None:
    busy = scale_set(3, overprovision=True, provisioningState="Updating")
    rows = [instance(f"web_{number}", created=f"2026-01-31T1{number}:00:00Z") for number in range(4)]
    assert [each["state"] for each in measured(Seen(busy, rows))["instances"]] == ["in_service", "in_service", "starting", "starting"]
    rows[3] = instance("web_3", "Deleting", created="2026-01-31T13:00:00Z")
    assert read_measured(measured(Seen(busy, rows))).serving == 3


_json = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda inner: st.dictionaries(st.text(max_size=8), inner, max_size=3))
_status = st.fixed_dictionaries({}, optional={"code": _json, "level": st.sampled_from(["Error", "Info", None]), "message": _json, "displayStatus": _json})
_view = st.fixed_dictionaries({}, optional={"statuses": st.none() | st.lists(_status, max_size=3), "vmHealth": st.none() | st.just({"status": None})})
_optional = {"provisioningState": st.none() | st.text(max_size=9), "instanceView": st.none() | _view, "timeCreated": _json, "protectionPolicy": st.none()}
_properties = st.none() | st.fixed_dictionaries({}, optional=_optional)
_row = st.builds(lambda number, properties: {"name": f"web_{number}", "properties": properties}, st.integers(0, 10**9), _properties)


@given(rows=st.lists(_row, max_size=5, unique_by=lambda row: row["name"]), capacity=st.integers(0, 1000), state=st.none() | st.text(max_size=9))
def test_whatever_is_missing_of_an_answer_the_role_can_read_what_was_measured(rows: list[dict], capacity: int, state: str | None) -> None:
    found = read_measured(measured(Seen(scale_set(capacity, provisioningState=state), rows)))
    assert found.desired == capacity and len(found.instances or ()) == len(rows)
