# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about the ends of cases that a source wants to hear of."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.keep import Keep
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, FINAL, OPEN, RESOLVED, RUNNING, SUPPRESSED, ExecutionRow

from .examples import add_case, add_dispatch, add_event, an_event


def _finished(store, child="netbox", limit=100, after_id=0) -> list:
    return store.run_now(lambda tx: tx.finished(child, limit, after_id))


def _add(store, number, **changes):
    return store.run_now(lambda tx: add_case(tx, number, **{"child": "netbox", **changes}))


def _save(store, case, **changes):
    changed = replace(case, **changes)
    store.run_now(lambda tx: tx.save_case(changed, "because"))
    return changed


class PromisesOfEndings:
    @pytest.fixture(name="followed")
    def _followed(self, store):
        store.run_now(lambda tx: tx.follow("netbox"))
        return store

    def test_each_end_of_a_case_is_listed_as_it_was_with_its_newest_event(self, followed):
        case = _add(followed, 1)
        _save(followed, case, state=RUNNING)
        assert _finished(followed) == []
        newest = followed.run_now(lambda tx: add_event(tx, 2, data={"newest": True}))
        case = _save(followed, case, state=EXHAUSTED, reason="no way", attempt=3, event_row=newest, updated_at=160.0)
        case = _save(followed, case, state=OPEN, reason="", attempt=0, updated_at=170.0)
        _save(followed, case, state=RESOLVED, reason="it went well", attempt=1, updated_at=180.0)
        first, second = _finished(followed)
        assert (first.case.state, first.case.reason, first.case.attempt, first.case.updated_at) == (EXHAUSTED, "no way", 3, 160.0)
        assert (second.case.state, second.duration_seconds, second.case.id) == (RESOLVED, 80.0, case.id)
        assert first.event == second.event == an_event(2, data={"newest": True}) and first.id < second.id

    def test_one_that_begins_at_its_end_is_listed_too(self, followed):
        for number, state in enumerate(sorted(FINAL)):
            _add(followed, number, state=state, live=False)
        assert [each.case.state for each in _finished(followed)] == sorted(FINAL)

    def test_a_case_is_of_the_child_that_its_newest_event_came_from(self, followed):
        theirs, ours = _add(followed, 1), _add(followed, 2, child="monitors")
        _save(followed, theirs, child="monitors", state=RESOLVED)
        _save(followed, ours, child="netbox", state=RESOLVED)
        assert [each.case.id for each in _finished(followed)] == [ours.id]
        assert _finished(followed, "monitors") == [], "nobody asked for those"

    def test_nothing_is_written_down_before_somebody_asks(self, store):
        case = _add(store, 1, state=RESOLVED, live=False)
        store.run_now(lambda tx: tx.follow("netbox"))
        store.run_now(lambda tx: tx.follow("netbox"))
        _save(store, case, reason="still")
        assert _finished(store) == []

    def test_who_asked_in_vain_has_not_asked(self, store):
        def broken(tx):
            tx.follow("netbox")
            add_case(tx, 1, child="netbox", state=RESOLVED)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            store.run_now(broken)
        _add(store, 2, state=RESOLVED, live=False)
        assert _finished(store) == []

    def test_it_is_listed_until_it_is_forgotten_and_in_pages(self, followed):
        for number in range(5):
            _add(followed, number, state=RESOLVED, live=False)
        ids = [each.id for each in _finished(followed)]
        assert [each.id for each in _finished(followed, limit=2)] == ids[:2]
        assert [each.id for each in _finished(followed, limit=2, after_id=ids[1])] == ids[2:4]
        followed.run_now(lambda tx: tx.forget_finished("other", ids))
        followed.run_now(lambda tx: tx.forget_finished("netbox", [ids[0], ids[3], 999]))
        assert [each.id for each in _finished(followed)] == [ids[1], ids[2], ids[4]]

    def test_it_is_forgotten_with_what_the_source_keeps(self, followed):
        _add(followed, 1, state=RESOLVED, live=False)
        (ending,) = _finished(followed)
        followed.run_now(Keep(accept([], child="netbox", received_at=1.0), child="netbox", remember={"journal/1": "7"}, heard=[ending.id]))
        assert _finished(followed) == [] and followed.run_now(lambda tx: tx.recall("netbox", "")) == {"journal/1": "7"}

    def test_an_id_is_never_given_again_and_grows_in_the_order_of_commits(self, followed):
        async def together():
            work = [followed.run(lambda tx, n=n: add_case(tx, n, child="netbox", state=SUPPRESSED, live=False, updated_at=100.0 - n)) for n in range(50)]
            return [case.id for case in await asyncio.gather(*work)]

        seen, heard = [], 0
        cases = asyncio.run(together())
        while page := _finished(followed, limit=7, after_id=heard):
            seen += [each.case.id for each in page]
            heard = page[-1].id
            followed.run_now(lambda tx, page=page: tx.forget_finished("netbox", [each.id for each in page]))
        assert seen == cases
        _add(followed, 99, state=RESOLVED, live=False)
        assert _finished(followed)[0].id > heard

    def test_it_tells_what_the_last_run_did_on_its_own_hosts(self, followed):
        def run(tx, uuid, case, other, status, error, planned_at):
            add_dispatch(tx, uuid, case, other, planned_at=planned_at)
            for host, said in (("vm-1", error), ("web-99", "theirs")):
                tx.put_executions([ExecutionRow(uuid, 7, "a.yml", host, status, 1, 2.5, said, "2026-01-31T12:00:00Z", None)])

        case, other = _add(followed, 1, hosts=("vm-1",)), _add(followed, 2, hosts=("web-99",))
        followed.run_now(lambda tx: run(tx, "u-z", case, other, "failed", "first", 3.0))
        followed.run_now(lambda tx: run(tx, "u-a", case, other, "failed", "second", 4.0))
        followed.run_now(lambda tx: add_dispatch(tx, "u-b", case, planned_at=5.0))  # taken back before it ran
        _save(followed, case, state=EXHAUSTED, attempt=2)
        _add(followed, 3, state=SUPPRESSED)
        ran, never_ran = _finished(followed)
        assert [(row.host, row.error) for row in ran.executions] == [("vm-1", "second")] and ran.error == "second"
        assert (never_ran.executions, never_ran.error) == ((), "")

    def test_with_its_case_it_is_deleted(self, followed):
        _add(followed, 1, state=RESOLVED, live=False, updated_at=10.0)
        _add(followed, 2, state=RESOLVED, live=False, updated_at=90.0)
        assert followed.run_now(lambda tx: tx.delete_before(50.0, 9)) == 1
        assert [each.case.updated_at for each in _finished(followed)] == [90.0]
