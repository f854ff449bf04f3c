# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox is told of each end of a case once, whatever fails on the way."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox import feedback
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NetBoxDenied, NetBoxRefused, NetBoxUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.feedback import Reporter
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings import Feedback

from .ends import an_end
from .in_memory import ListedNetBox, MemoryKeeper
from .making import VM, vm

JOURNAL, MACHINES = "extras/journal-entries", "virtualization/virtual-machines"
TAGS = {"resolved": "healed", "exhausted": "failed"}


def of_object(_path, query, thing) -> bool:
    return all(thing[name] in query[name] for name in ("assigned_object_type", "assigned_object_id") if name in query)


class Asked(ListedNetBox):
    """A NetBox whose next requests fail; each error is for one of them."""

    def __init__(self, *errors: Exception, **fields) -> None:
        super().__init__(of_object, virtualization__virtual_machines=[vm(**fields)])
        self.errors = list(errors)

    async def create(self, path, body):
        self.fail()
        return await super().create(path, body)

    async def change(self, path, number, body):
        self.fail()
        return await super().change(path, number, body)

    def fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    @property
    def entries(self) -> list[dict]:
        return self.lists.get(JOURNAL, [])

    @property
    def patched(self) -> list[dict]:
        return [body for method, _path, body in self.asked if method == "PATCH"]


@pytest.fixture(name="keeper")
def _keeper():
    return MemoryKeeper()


@pytest.fixture(autouse=True, name="pauses")
def _pauses(monkeypatch):
    """Count the seconds that are waited, and wait for none."""
    waited: list[float] = []
    sleep = asyncio.sleep

    async def at_once(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr(feedback.asyncio, "sleep", at_once)
    return waited


def report(keeper, netbox, **settings) -> None:
    async def scene():
        task = asyncio.create_task(Reporter(Feedback(**settings), keeper, netbox, "nb").run())
        await asyncio.wait({task}, timeout=0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scene())


def test_each_end_is_told_once(keeper):
    keeper.endings = [an_end(number=1), an_end("exhausted", number=2), an_end(number=3, case=8)]
    netbox = Asked()
    report(keeper, netbox)
    assert [entry["kind"] for entry in netbox.entries] == ["success", "danger", "success"]
    assert {(entry["assigned_object_type"], entry["assigned_object_id"]) for entry in netbox.entries} == {(VM, 1)}
    assert keeper.endings == []


def test_a_machine_is_not_healed_because_a_person_was_told_that_it_lacks_something(keeper):
    keeper.endings = [an_end(number=1, what="not_ready")]
    netbox = Asked()
    report(keeper, netbox, tags=TAGS, custom_field="state")
    assert len(netbox.entries) == 1 and netbox.patched == []


def test_one_that_was_written_just_before_a_crash_is_not_written_again(keeper):
    keeper.endings = [an_end(number=1)]
    keeper.broken = [IntakeUnavailable("the store is gone")]
    netbox = Asked()
    report(keeper, netbox)
    assert len(netbox.entries) == 1 and keeper.endings
    keeper.broken = []
    report(keeper, netbox)
    assert len(netbox.entries) == 1 and not keeper.endings


@pytest.mark.parametrize("error", [NetBoxUnavailable("503"), NetBoxDenied("403")])
def test_what_fails_is_tried_again(keeper, pauses, error):
    keeper.endings = [an_end(number=1)]
    netbox = Asked(error, error)
    report(keeper, netbox)
    assert len(netbox.entries) == 1 and not keeper.endings
    # A person has to mend a permission: nobody is hammered meanwhile.
    assert pauses == ([2, 4] if isinstance(error, NetBoxUnavailable) else [300, 300])


def test_what_netbox_does_not_take_holds_up_no_other(keeper):
    keeper.endings = [an_end(number=1), an_end(number=2)]
    netbox = Asked(NetBoxRefused("400", 400))
    report(keeper, netbox)
    assert len(netbox.entries) == 1 and not keeper.endings


def test_an_object_that_is_gone_holds_up_no_other(keeper):
    keeper.endings = [an_end(number=1, object={"id": 99}), an_end(number=2)]
    netbox = Asked()
    report(keeper, netbox, journal=False, custom_field="state")
    assert netbox.patched == [{"custom_fields": {"state": "resolved"}}] and not keeper.endings


@pytest.mark.parametrize("end", [an_end(what="deleted"), an_end("observed"), an_end("unmatched"), an_end(object={}), an_end(object={"id": None})])
def test_what_is_of_no_interest_there_is_not_told(keeper, end):
    keeper.endings = [end]
    netbox = Asked()
    report(keeper, netbox, custom_field="state")
    assert netbox.asked == [] and not keeper.endings


def test_the_state_is_written_where_it_is_another(keeper):
    chosen = {"value": "resolved", "label": "Resolved"}  # as NetBox 4.7 shows what was chosen from a list
    for before, patched in ((None, True), ("exhausted", True), ("resolved", False), (chosen, False)):
        keeper.endings = [an_end()]
        netbox = Asked(custom_fields={"state": before})
        report(keeper, netbox, journal=False, custom_field="state")
        assert netbox.patched == ([{"custom_fields": {"state": "resolved"}}] if patched else [])


@pytest.mark.parametrize(
    ("state", "before", "after"),
    [
        ("resolved", ["db", "failed"], ["db", "healed"]),
        ("exhausted", ["healed", "db"], ["db", "failed"]),
        ("suppressed", ["healed", "db"], ["db"]),
        ("resolved", ["healed", "db"], None),
        ("suppressed", ["db"], None),
    ],
)
def test_an_object_has_the_tag_of_its_newest_case_and_keeps_all_others(keeper, state, before, after):
    keeper.endings = [an_end(state)]
    netbox = Asked(tags=[{"id": 1, "name": name, "slug": name} for name in before])
    report(keeper, netbox, journal=False, tags=TAGS)
    assert netbox.patched == ([] if after is None else [{"tags": [{"name": name} for name in after]}])


def test_no_journal_where_none_is_wanted(keeper):
    keeper.endings = [an_end()]
    netbox = Asked()
    report(keeper, netbox, journal=False, tags=TAGS)
    assert netbox.entries == [] and netbox.patched == [{"tags": [{"name": "healed"}]}]


def test_one_that_netbox_does_not_take_now_holds_up_no_other(keeper):
    class Choosy(Asked):
        async def create(self, path, body):
            if "1.1`" in body["comments"]:
                raise NetBoxUnavailable("500")
            return await super().create(path, body)

    keeper.endings = [an_end(number=1, case=1), an_end("exhausted", number=2, case=2), an_end(number=3, case=3)]
    netbox = Choosy()
    report(keeper, netbox)
    assert [entry["kind"] for entry in netbox.entries] == ["danger", "success"]
    assert [each.id for each in keeper.endings] == [1]
