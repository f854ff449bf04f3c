# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's controls: what is asked is on disk and the router is woken, a check leaves nothing, and one decision can mean many cases."""

from __future__ import annotations

import asyncio
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import PLAYBOOKS
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import InvalidRequest, NotPossible, UnknownCase
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.selection import DECISIONS, ByCaseId, ByDedupKey, ByMatch
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    DISPATCHED,
    EXHAUSTED,
    OPEN,
    PAUSE,
    RESOLVED,
    SUPPRESSED,
    WAITING,
    CaseQuery,
    ExecutionRow,
    Storm,
)

from ...store.promises.examples import add_case, add_dispatch


@pytest.fixture
def run(loop):
    return loop.run_until_complete


def everything(store) -> list:
    """Return all that a decision could have changed."""

    def read(tx):
        cases = tx.find_cases(CaseQuery(limit=1000))
        return [cases, [tx.history(case.id) for case in cases], tx.pauses(time.time()), tx.storm(), tx.unhandled_events(1000)]

    return store.run_now(read)


def rung(bell, run) -> bool:
    """Tell whether the router was woken, and forget it."""

    async def look() -> bool:
        await asyncio.sleep(0)
        before = time.monotonic()
        await bell.wait(5)
        bell.reset()
        return time.monotonic() - before < 4

    return run(look())


@pytest.fixture
def awaiting(store):
    """Return a case for each decision to be taken on."""
    return store.run_now(lambda tx: add_case(tx, state=AWAITING_APPROVAL, mode="approve"))


@pytest.mark.parametrize("decision", ["approve", "reject", "resolve", "suppress", "annotate"])
def test_a_decision_is_written_down_and_wakes_the_router(controls, store, bell, run, awaiting, decision):
    done = run(getattr(controls, decision)(awaiting.id, by="alice\n", why="looks\tright"))

    assert done.changed and rung(bell, run)
    assert store.run_now(lambda tx: tx.case(awaiting.id)) == done.after
    row = store.run_now(lambda tx: tx.history(awaiting.id))[-1]
    assert row.by == "alice" and row.why.endswith("looks right")


def test_a_check_says_what_would_change_and_changes_nothing(controls, store, run, awaiting):
    other = store.run_now(lambda tx: add_case(tx, 2, state=EXHAUSTED))
    store.run_now(lambda tx: tx.save_storm(Storm(1.0, 80, 100), now=1.0))
    run(controls.pause({"host": "web-*"}, by="alice"))
    before = everything(store)

    asked = [
        controls.approve(awaiting.id, by="alice", check=True),
        controls.retry(other.id, by="alice", check=True),
        controls.pause(by="alice", check=True),
        controls.resume(by="alice", check=True),
        controls.release(by="alice", check=True),
    ]
    for would in asked:
        done = run(would)
        assert done.changed and done.before != done.after
    event, is_new = run(controls.take_event({"type": "request.report", "id": "1"}, check=True))
    assert event.id == "1" and is_new
    assert everything(store) == before
    with pytest.raises(NotPossible):
        run(controls.approve(other.id, by="alice", check=True))


def test_one_decision_means_every_case_that_matches(controls, store, run):
    def fill(tx):
        return {
            name: add_case(tx, number, name="DiskFull", hosts=hosts, **differences).id
            for number, (name, hosts, differences) in enumerate(
                [
                    ("first", ("web-01",), {"state": AWAITING_APPROVAL}),
                    ("second", ("db-01", "web-02"), {"state": AWAITING_APPROVAL}),
                    ("elsewhere", ("db-02",), {"state": AWAITING_APPROVAL}),
                    ("open", ("web-01",), {"state": OPEN}),
                    ("over", ("web-01",), {"state": RESOLVED, "live": False}),
                ]
            )
        }

    ids = store.run_now(fill)

    done = run(controls.decide("approve", ByMatch({"host": "web-*", "name": ["DiskFull", "ServiceDown"]}), by="alice"))

    assert {each.after.id for each in done} == {ids["first"], ids["second"]}
    assert all(each.changed and each.after.state == OPEN for each in done)
    assert run(controls.decide("approve", ByMatch({"host": "web-*"}), by="alice")) == [], "nothing awaits an approval there now"
    closed = run(controls.decide("resolve", ByMatch({}), by="alice"))
    assert {each.after.id for each in closed} == set(ids.values()) - {ids["over"]}


def test_a_match_means_more_cases_than_fit_on_a_page(controls, store, run):
    store.run_now(lambda tx: [add_case(tx, number) for number in range(1203)])

    done = run(controls.decide("suppress", ByMatch({}), by="alice", why="the data centre moves"))

    assert len(done) == 1203 and len({each.after.id for each in done}) == 1203
    assert store.run_now(lambda tx: tx.count_unfinished()) == {}


def test_a_match_retries_nothing_that_is_held_back_or_that_a_person_has_put_aside(controls, store, run):
    def fill(tx):
        add_case(tx, 1, state=WAITING, waits_for=PAUSE)
        add_case(tx, 2, state=SUPPRESSED, decided_by="bob")
        return add_case(tx, 3, state=EXHAUSTED, attempt=3).id

    exhausted = store.run_now(fill)

    (done,) = run(controls.decide("retry", ByMatch({}), by="alice"))

    assert (done.after.id, done.after.state, done.after.attempt) == (exhausted, OPEN, 0)


def test_the_case_of_a_problem_is_named_by_its_key(controls, store, run, awaiting):
    (done,) = run(controls.decide("approve", ByDedupKey(awaiting.dedup_key), by="alice"))
    assert done.after.id == awaiting.id

    for decision in DECISIONS.keys() - {"resolve"}:
        with pytest.raises(UnknownCase, match="alert/Other"):
            run(controls.decide(decision, ByDedupKey("alert/Other"), by="alice", why="a note"))
    assert run(controls.decide("resolve", ByDedupKey("alert/Other"), by="alice")) == [], "it is over already"


def test_a_resolved_case_is_told_of_where_the_policy_says_so(controls, store, run, awaiting):
    run(controls.resolve(awaiting.id, by="alice"))
    run(controls.resolve(awaiting.id, by="alice"))

    (told,) = store.run_now(lambda tx: tx.unhandled_events(10))
    assert (told.event.type, told.event.data["case"]) == ("case.resolved", awaiting.id)


@pytest.mark.parametrize("texts", [{"by": ""}, {"by": "router"}, {"by": "\u200b"}])
def test_somebody_must_have_asked(controls, store, run, awaiting, texts):
    before = everything(store)
    for asked in (controls.approve(awaiting.id, **texts), controls.pause(**texts), controls.resume(**texts), controls.release(**texts)):
        with pytest.raises(InvalidRequest, match="^by: "):
            run(asked)
    assert everything(store) == before


def test_a_note_must_say_something(controls, run, awaiting):
    with pytest.raises(InvalidRequest, match="^why: "):
        run(controls.annotate(awaiting.id, by="alice", why=" \n"))


@pytest.mark.parametrize(("asked", "mistake"), [({"match": {"hosts": "web-01"}}, "match.hosts.*host"), ({"until": 1.0}, "until.*in the future")])
def test_a_pause_that_makes_no_sense(controls, run, asked, mistake):
    with pytest.raises(InvalidRequest, match=mistake):
        run(controls.pause(by="alice", **asked))


def test_which_pauses_hold_for_a_run(controls, store, run):
    case = store.run_now(lambda tx: add_case(tx, name="DiskFull"))
    for match in ({"host": "web-*"}, {"host": "db-*"}, {"name": "DiskFull"}, {"name": "ServiceDown"}, {"name": "DiskFull", "host": "db-*"}):
        run(controls.pause(match, by="alice"))

    def matches(hosts, **of) -> list:
        return [dict(each.match) for each in run(controls.pauses_for(hosts, **of))]

    assert matches(["web-01", "web-02"]) == [{"host": "web-*"}], "a run by hand has hosts, and nothing else"
    assert matches(["mail-01"]) == []
    assert matches(["web-01"], case_ids=[99, case.id]) == [{"host": "web-*"}, {"name": "DiskFull"}]
    run(controls.pause(by="bob"))
    assert matches(["mail-01"]) == [{}]


def test_the_status(controls, store, run):
    store.run_now(lambda tx: [add_case(tx, 1), add_case(tx, 2, state=WAITING, waits_for=PAUSE), tx.save_storm(Storm(1.0, 80, 100), now=1.0)])
    run(controls.pause(by="alice", why="rack 7"))

    status = run(controls.status())

    assert (status.mode, status.unfinished, status.storm) == ("approve", {OPEN: 1, WAITING: 1}, Storm(1.0, 80, 100))
    assert [each.why for each in status.pauses] == ["rack 7"]


def test_the_whole_story_of_a_case(controls, store, run):
    row = ExecutionRow("u-1", 7, "heal.yml", "web-01", "failed", 1, 2.5, "no way", "2026-01-31T12:00:00Z", None)

    def happen(tx):
        case = add_case(tx, state=DISPATCHED, dispatch="u-1")
        add_dispatch(tx, "u-1", case)
        tx.put_executions([row])
        return case

    case = store.run_now(happen)

    story = run(controls.case_story(case.id))

    assert story.case == case
    assert [each.to_state for each in story.history] == [DISPATCHED]
    assert [each.event.id for each in story.events] == ["event-1"]
    assert [(dispatch.uuid, rows) for dispatch, rows in story.dispatches] == [("u-1", (row,))]
    with pytest.raises(UnknownCase):
        run(controls.case_story(99))
    assert run(controls.find(CaseQuery(states=(DISPATCHED,)))) == [case]


def test_an_event_of_a_playbook_is_kept_once_and_wakes_the_router(controls, store, bell, run):
    given = {"type": "request.report", "id": "monthly", "hosts": ["web-01"], "data": {"token": "hunter2", "kind": "usage"}}

    event, is_new = run(controls.take_event(given))

    assert is_new and rung(bell, run)
    (kept,) = store.run_now(lambda tx: tx.unhandled_events(10))
    assert (kept.event, kept.child) == (event, PLAYBOOKS)
    assert (event.id, event.hosts, event.source, event.dedup_key) == ("monthly", ("web-01",), PLAYBOOKS, "request.report/monthly")
    assert event.data == {"token": "[redacted]", "kind": "usage"}
    again, is_new = run(controls.take_event(given))
    assert not is_new and again.id == "monthly"
    assert len(store.run_now(lambda tx: tx.unhandled_events(10))) == 1


def test_what_only_playbooks_may_say_is_taken_from_them(controls, run):
    event, is_new = run(controls.take_event({"type": "scale.temporary_ended", "dedup_key": "scale.temporary_ended/web/t1"}))
    assert is_new and event.type == "scale.temporary_ended"


def test_when_to_act_upon_an_event_is_kept_with_it_and_no_attribute_says_so(controls, store, run):
    given = {"type": "x.y", "id": "later", "data": {"eventops_not_before": 5.0}}
    event, _is_new = run(controls.take_event(given, not_before=2_000_000_000.0))
    (kept,) = store.run_now(lambda tx: tx.unhandled_events(10))
    assert event.not_before == kept.event.not_before == 2_000_000_000.0 and "eventops_not_before" not in event.to_mapping()


@pytest.mark.parametrize(
    ("attributes", "mistake"),
    [
        ({}, "^type: "),
        ({"type": "case.exhausted"}, "case.exhausted is the router's own"),
        ({"type": "x", "dedup_key": "case.storm"}, "case.storm is the router's own"),
        ({"type": "x", "hosts": {"web-01": 1}}, "^hosts: must be a list"),
        ({"type": "x", "data": {"text": "x" * 70_000}}, "at most 65536"),
        ({"type": "x", "time": "yesterday"}, "^time: must be RFC 3339"),
    ],
)
def test_an_event_that_cannot_be_taken(controls, store, run, attributes, mistake):
    with pytest.raises(InvalidRequest, match=mistake):
        run(controls.take_event(attributes))
    assert store.run_now(lambda tx: tx.unhandled_events(10)) == []


def test_a_store_that_cannot_be_written_says_so(controls, store, run):
    store.close()
    for asked in (controls.resume(by="alice"), controls.take_event({"type": "x"}), controls.status(), controls.approve(1, by="alice", check=True)):
        with pytest.raises(StoreUnavailable):
            run(asked)


def test_cases_are_named_by_id_too(controls, run, awaiting):
    (done,) = run(controls.decide("reject", ByCaseId(awaiting.id), by="alice", why="not on a Friday"))
    assert (done.after.state, done.after.reason) == (SUPPRESSED, "rejected by alice: not on a Friday")
