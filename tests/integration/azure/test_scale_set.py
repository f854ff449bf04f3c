# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A scale set is looked at and resized through Microsoft's client of requests, against the double."""

from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.azure.measured import measured
from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManager, ResourceManagerError
from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import RECORD, ScaleSet
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Measured, read_measured
from ansible_collections.eventops.infra.tests.doubles.azure import Running

from .clients import resource_manager_of


def look(manager: ResourceManager, name: str = "web") -> Measured:
    return read_measured(measured(ScaleSet(manager, "shop", name).look()))


def until_settled(manager: ResourceManager, name: str = "web") -> Measured:
    deadline = time.monotonic() + 30
    while (found := look(manager, name)).in_progress:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("orchestration", ["Uniform", "Flexible"])
def test_instances_of_both_kinds_are_seen_on_all_pages(azure: Running, manager: ResourceManager, orchestration: str) -> None:
    web = azure.add_scale_set("web", 5, orchestration=orchestration, health="healthy")
    azure.page_size = 2
    web.instances[1].protection = {"protectFromScaleIn": True}
    web.instances[2].health = "unhealthy"
    web.instances[3].power = "deallocated"
    found = look(manager)
    assert [each.name for each in found.instances or ()] == web.names
    assert [(each.state, each.healthy, each.protected) for each in found.instances or ()] == [
        ("in_service", True, False),
        ("in_service", True, True),
        ("in_service", False, False),
        ("other", True, False),
        ("in_service", True, False),
    ]
    assert (found.desired, found.serving) == (5, 3)


def test_another_scale_set_with_such_a_name_is_not_seen(azure: Running, manager: ResourceManager) -> None:
    azure.add_scale_set("web", 1, orchestration="Flexible")
    azure.add_scale_set("web", 2, group="other", orchestration="Flexible")
    azure.add_autoscale("cpu", azure.add_scale_set("api", 2))
    found = look(manager)
    assert len(found.instances or ()) == 1 and not found.blocked_out


def test_only_the_capacity_and_the_record_change(azure: Running, manager: ResourceManager) -> None:
    web = azure.add_scale_set("web", 2, tags={"owner": "shop", RECORD: "old"}, overprovision=True, single_placement_group=True)
    before = web.shown()
    ScaleSet(manager, "shop", "web").resize(3, 2, "new")
    found = until_settled(manager)
    after = web.shown()
    assert (found.desired, found.serving, found.record) == (3, 3, "new") and web.tags == {"owner": "shop", RECORD: "new"}
    assert {key: value for key, value in after.items() if key not in ("etag", "tags", "sku")} == {
        key: value for key, value in before.items() if key not in ("etag", "tags", "sku")
    }
    (patch,) = azure.patches()
    assert patch.body == {"sku": {"capacity": 3}, "tags": {"owner": "shop", RECORD: "new"}} and patch.headers["If-Match"] == before["etag"]


def test_nothing_is_sent_where_nothing_changes_or_in_check_mode(azure: Running, manager: ResourceManager) -> None:
    azure.add_scale_set("web", 2, tags={RECORD: "old"})
    web = ScaleSet(manager, "shop", "web")
    assert not web.resize(2, 2, None)["changed"] and not web.resize(2, 2, "old")["changed"]
    assert web.resize(3, 2, None, check=True)["changed"]
    assert not azure.patches()


def test_another_capacity_than_expected_is_refused(azure: Running, manager: ResourceManager) -> None:
    azure.add_scale_set("web", 5)
    with pytest.raises(ResourceManagerError, match="was to have 2 instances before the change, but Azure says 5"):
        ScaleSet(manager, "shop", "web").resize(3, 2, "new")
    assert not azure.patches()


def test_what_changes_between_reading_and_writing_is_not_overwritten(azure: Running, manager: ResourceManager, monkeypatch: pytest.MonkeyPatch) -> None:
    web = azure.add_scale_set("web", 2)
    patch = manager.patch

    def late(*arguments: object) -> dict:
        web.patch({"tags": {"owner": "somebody"}})
        return patch(*arguments)

    monkeypatch.setattr(manager, "patch", late)
    with pytest.raises(ResourceManagerError, match="412 PreconditionFailed"):
        ScaleSet(manager, "shop", "web").resize(3, 2, "new")
    assert (web.capacity, web.tags) == (2, {"owner": "somebody"})


def test_an_answer_that_was_lost_is_no_refusal(azure: Running, manager: ResourceManager) -> None:
    web = azure.add_scale_set("web", 2)
    azure.fail(503, methods=("PATCH",), is_after=True)
    assert ScaleSet(manager, "shop", "web").resize(3, 2, "new")["changed"]
    assert web.capacity == 3 and len(azure.patches()) == 2


def test_too_many_requests_are_made_slower(azure: Running, manager: ResourceManager) -> None:
    azure.add_scale_set("web", 2)
    azure.fail(429, "TooManyRequests", "slower", retry_after=1, times=2)
    began = time.monotonic()
    assert look(manager).desired == 2
    assert time.monotonic() - began >= 2  # twice the second that was asked for


def test_an_operation_of_somebody_else_is_seen_and_their_request_is_not_overtaken(azure: Running, manager: ResourceManager) -> None:
    web = azure.add_scale_set("web", 2)
    web.begin()
    assert "Updating" in look(manager).in_progress
    with pytest.raises(ResourceManagerError, match="409 Conflict"):
        ScaleSet(manager, "shop", "web").resize(3, 2, "new")
    assert web.capacity == 2


@pytest.mark.parametrize(("mode", "asked"), [("Rolling", True), ("Manual", False)])
def test_a_rolling_upgrade_is_asked_for_where_there_can_be_one(azure: Running, manager: ResourceManager, mode: str, asked: bool) -> None:
    web = azure.add_scale_set("web", 2, upgrade_mode=mode)
    assert not look(manager).in_progress
    web.upgrade = "RollingForward"
    assert ("rolling upgrade" in look(manager).in_progress) == asked


def test_a_failed_operation_says_why(azure: Running, manager: ResourceManager) -> None:
    web = azure.add_scale_set("web", 2)
    web.operation_fails = ("AllocationFailed", "no room in westeurope")
    ScaleSet(manager, "shop", "web").resize(3, 2, "new")
    found = until_settled(manager)
    assert "AllocationFailed: no room in westeurope" in found.trouble and "no room in westeurope" in found.blocked_out


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ((403, "AuthorizationFailed", "not you"), "403 AuthorizationFailed: not you"),
        ((409, "OperationNotAllowed", "exceeding approved quota"), "409 OperationNotAllowed: exceeding approved quota"),
        ((302, "Found", "elsewhere"), "302 Found: elsewhere"),
    ],
)
def test_a_refusal_is_told_in_azures_words(azure: Running, manager: ResourceManager, how: tuple[int, str, str], said: str) -> None:
    azure.add_scale_set("web", 2)
    azure.fail(*how)
    with pytest.raises(ResourceManagerError, match=said):
        look(manager)


def test_what_is_missing_is_said_with_where(azure: Running, manager: ResourceManager) -> None:
    with pytest.raises(ResourceManagerError, match=f"no scale set web in the resource group shop of the subscription {azure.subscription}"):
        look(manager)


def test_a_wrong_secret_is_said_without_it(azure: Running) -> None:
    azure.add_scale_set("web", 2)
    with pytest.raises(ResourceManagerError, match="AADSTS7000215") as caught:
        look(resource_manager_of(azure, "wrong-Secret~1"))
    assert "wrong-Secret~1" not in str(caught.value) and azure.secret not in str(caught.value)


def test_a_next_page_elsewhere_gets_no_token(azure: Running, manager: ResourceManager, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.add_scale_set("web", 3)
    azure.page_size = 2
    monkeypatch.setattr("ansible_collections.eventops.infra.tests.doubles.azure.answers.MANAGEMENT", "attacker.example.com")
    assert len(look(manager).instances or ()) == 3
    assert azure.proxy.refused == []


def test_pages_that_lead_round_in_a_circle_end(azure: Running, manager: ResourceManager) -> None:
    azure.add_scale_set("web", 1)
    azure.page_size = 0
    with pytest.raises(ResourceManagerError, match="more than 200 pages"):
        look(manager)
