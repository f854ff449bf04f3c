# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people may do to cases: in every state, each decision does what it says or says that it cannot, and changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import people
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import NotPossible, UnknownCase
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    BACKOFF,
    COOLDOWN,
    DISPATCHED,
    EXHAUSTED,
    FINAL,
    MAINTENANCE,
    OBSERVED,
    OPEN,
    PAUSE,
    RESOLVED,
    RUNNING,
    STORM,
    SUPPRESSED,
    UNFINISHED,
    UNMATCHED,
    VERIFYING,
    WAITING,
    Case,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ...store.promises.examples import add_case, add_event

NOW = 1000.0
DECISIONS = {
    "approve": people.approve,
    "reject": people.reject,
    "resolve": people.resolve,
    "suppress": people.suppress,
    "retry": people.retry,
    "annotate": people.annotate,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = SqliteStore(tmp_path_factory.mktemp("people") / "store.db")
    yield store
    store.close()


class Undone(Exception):
    """Ends a transaction without leaving anything."""


def in_a_transaction(store, function) -> None:
    """Run a function on the real rows, and leave none of them."""

    def once(tx):
        function(tx)
        raise Undone

    with pytest.raises(Undone):
        store.run_now(once)


@st.composite
def cases(draw) -> dict:
    """What can be different about a case. Where the router never leaves a case so, a decision must be no less careful."""
    state = draw(st.sampled_from(sorted(UNFINISHED | FINAL)))
    in_flight = state in (DISPATCHED, RUNNING)
    return {
        "state": state,
        "type": draw(st.sampled_from(["alert.firing", "log.matched", "netbox.device.created", "request.user.onboard"])),
        "live": state in UNFINISHED or (state in (EXHAUSTED, SUPPRESSED, OBSERVED) and draw(st.booleans())),
        "waits_for": draw(st.sampled_from([BACKOFF, COOLDOWN, MAINTENANCE, PAUSE, STORM])) if state == WAITING else "",
        "mode": draw(st.sampled_from(["observe", "approve", "enforce"])),
        "decided_by": draw(st.sampled_from(["", "bob"])),
        "due_at": draw(st.sampled_from([NOW - 10, NOW, NOW + 10])),
        "attempt": draw(st.integers(0, 5)),
        "dispatch": "8d1f6f0e" if in_flight or draw(st.booleans()) else None,
        "again": in_flight and draw(st.booleans()),
        "reason": draw(st.sampled_from(["", "unknown host: the inventory has none of web-99"])),
    }


def expected(decision: str, case: Case) -> Case | None:
    """Say what the documentation promises: the case afterwards, or None where it is not possible."""
    now = {"updated_at": NOW}
    nothing_waits = {"waits_for": "", "due_at": NOW, "again": False} | now
    stays = case.live and case.type == "alert.firing"
    match decision, case.state:
        case ("approve", "awaiting_approval"):
            return replace(case, state=OPEN, reason="", decided_by="alice", **nothing_waits)
        case ("approve", state) if state in UNFINISHED and case.decided_by:
            return case
        case ("reject", "awaiting_approval"):
            return replace(case, state=SUPPRESSED, reason="rejected by alice: noise", decided_by="alice", live=stays, **nothing_waits)
        case ("reject", "suppressed") if case.decided_by:
            return case
        case ("resolve", state) if state in UNFINISHED:
            return replace(case, state=RESOLVED, reason="resolved by alice: noise", live=False, **nothing_waits)
        case ("resolve", _):
            return replace(case, live=False, **now) if case.live else case
        case ("suppress", "suppressed") if case.decided_by or not case.live:
            return case
        case ("suppress", state) if state in UNFINISHED or (case.live and state in (SUPPRESSED, OBSERVED)):
            return replace(case, state=SUPPRESSED, reason="suppressed by alice: noise", decided_by="alice", live=stays, **nothing_waits)
        case ("retry", "open") if case.due_at <= NOW:
            return case
        case ("retry", "waiting") if case.waits_for in (PAUSE, STORM, MAINTENANCE):
            return None
        case ("retry", "open" | "waiting" | "verifying"):
            return replace(case, state=OPEN, reason="", decided_by="alice", **nothing_waits)
        case ("retry", "exhausted" | "suppressed" | "observed" | "unmatched"):
            return replace(case, state=OPEN, reason="", decided_by="alice", attempt=0, live=True, **nothing_waits)
        case ("annotate", _):
            return case
    return None


@pytest.mark.parametrize("decision", sorted(DECISIONS))
@given(differences=cases())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_decision_in_every_state(store, decision, differences):
    def look(tx):
        case = add_case(tx, **differences)
        opened = tx.history(case.id)
        wanted = expected(decision, case)
        if wanted is None:
            with pytest.raises(NotPossible, match=f"case {case.id} is {case.state}"):
                DECISIONS[decision](tx, case.id, by="alice", why="noise", now=NOW)
            assert (tx.case(case.id), tx.history(case.id)) == (case, opened)
            return
        done = DECISIONS[decision](tx, case.id, by="alice", why="noise", now=NOW)
        assert (done.before, done.after, tx.case(case.id)) == (case, wanted, wanted)
        assert done.changed == (wanted != case or decision == "annotate")
        added = tx.history(case.id)[len(opened) :]
        if done.changed:
            (row,) = added
            assert (row.time, row.from_state, row.to_state, row.by) == (NOW, case.state, wanted.state, "alice")
            assert row.why.endswith("noise")
        else:
            assert not added
        # Asking once more comes to nothing new, and is no mistake.
        again = DECISIONS[decision](tx, case.id, by="alice", why="noise", now=NOW + 1)
        assert not again.changed
        assert (tx.case(case.id), tx.history(case.id)) == (wanted, opened + added)

    in_a_transaction(store, look)


@pytest.mark.parametrize("decision", sorted(DECISIONS))
def test_a_case_that_is_not_there(store, decision):
    with pytest.raises(UnknownCase, match="99"):
        store.run_now(lambda tx: DECISIONS[decision](tx, 99, by="alice", why="noise", now=NOW))


@pytest.mark.parametrize("state", [EXHAUSTED, SUPPRESSED, UNMATCHED, OBSERVED])
def test_what_is_over_is_not_tried_again_while_another_case_follows_the_same_problem(store, state):
    def look(tx):
        old = add_case(tx, 1, dedup_key="k", state=state, live=False)
        new = add_case(tx, 2, dedup_key="k")
        with pytest.raises(NotPossible, match=f"case {new.id}"):
            people.retry(tx, old.id, by="alice", now=NOW)
        assert tx.case(old.id) == old

    in_a_transaction(store, look)


def test_a_closed_case_lets_the_next_event_open_another(store):
    def look(tx):
        for number, state in enumerate([OPEN, VERIFYING, WAITING, EXHAUSTED, SUPPRESSED]):
            case = add_case(tx, number, dedup_key=f"k{number}", state=state)
            people.resolve(tx, case.id, by="alice", now=NOW)
            assert tx.live_case(f"k{number}") is None

    in_a_transaction(store, look)


def test_a_retried_case_is_ready_at_once_and_keeps_its_place(store):
    def look(tx):
        waiting = add_case(tx, 1, state=WAITING, waits_for=BACKOFF, due_at=NOW + 900, attempt=2, rank=5.0)
        assert tx.ready_cases(NOW, 10) == []
        people.retry(tx, waiting.id, by="alice", now=NOW)
        (ready,) = tx.ready_cases(NOW, 10)
        assert (ready.id, ready.attempt, ready.rank) == (waiting.id, 2, 5.0)

    in_a_transaction(store, look)


def test_an_approved_case_is_ready_at_once(store):
    def look(tx):
        case = add_case(tx, 1, state=AWAITING_APPROVAL, mode="approve", due_at=NOW + 900)
        people.approve(tx, case.id, by="alice", now=NOW)
        assert [each.id for each in tx.ready_cases(NOW, 10)] == [case.id]
        assert tx.expired_approvals(NOW + 1000, 10) == []

    in_a_transaction(store, look)


def test_the_same_note_says_nothing_new_only_right_after_itself(store):
    def look(tx):
        case = add_case(tx)
        for by, why, is_new in [("alice", "down", True), ("alice", "down", False), ("bob", "down", True), ("alice", "down", True), ("alice", "up", True)]:
            assert people.annotate(tx, case.id, by=by, why=why, now=NOW).changed is is_new

    in_a_transaction(store, look)


@pytest.mark.parametrize(
    ("newer", "is_the_same"),
    [
        ({"time": "2026-01-31T13:00:00Z", "severity": "error"}, True),
        ({"hosts": ("web-01", "db-01")}, False),
        ({"data": {"name": "ServiceDown", "unit": "postgresql"}}, False),
        ({"data": {"name": "DiskFull"}}, False),
        ({"type": "log.matched"}, False),
        ({"subject": "db-01"}, False),
    ],
)
def test_what_is_approved_is_what_was_seen(store, newer, is_the_same):
    def look(tx):
        seen = add_case(tx, 1, state=AWAITING_APPROVAL)
        row = add_event(tx, 2, **newer)
        tx.mark_handled(row, seen.id)
        tx.save_case(replace(seen, event_row=row), "joined")
        if is_the_same:
            assert people.approve(tx, seen.id, by="alice", now=NOW, seen=seen.event_row).changed
            return
        before = tx.case(seen.id)
        with pytest.raises(NotPossible, match="it has changed since you looked: look again"):
            people.approve(tx, seen.id, by="alice", now=NOW, seen=seen.event_row)
        assert tx.case(seen.id) == before
        assert people.approve(tx, seen.id, by="alice", now=NOW, seen=row).changed

    in_a_transaction(store, look)


def test_what_was_seen_of_another_case_or_of_none_approves_nothing(store):
    def look(tx):
        other, case = add_case(tx, 1), add_case(tx, 2, state=AWAITING_APPROVAL)
        for seen in (other.event_row, 999_999):
            with pytest.raises(NotPossible, match="look again"):
                people.approve(tx, case.id, by="alice", now=NOW, seen=seen)

    in_a_transaction(store, look)
