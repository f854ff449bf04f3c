# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about the lists that the router works off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    BACKOFF,
    COOLDOWN,
    DISPATCHED,
    ENDED,
    EXHAUSTED,
    MAINTENANCE,
    OPEN,
    PARKED,
    PAUSE,
    RESOLVED,
    RUNNING,
    SCHEDULE,
    STORM,
    SUPPRESSED,
    VERIFYING,
    WAITING,
    CaseQuery,
    Pause,
)

from .examples import add_case, add_dispatch


def ids(cases) -> list[int]:
    return [case.id for case in cases]


class PromisesOfTheAgenda:
    def test_ready_cases_are_due_and_by_rank(self, store):
        states = [
            (OPEN, "", 3.0, 0.0),
            (WAITING, BACKOFF, 1.0, 50.0),
            (WAITING, BACKOFF, 0.0, 51.0),
            (DISPATCHED, "", 0.0, 0.0),
            (VERIFYING, "", 0.0, 0.0),
            (OPEN, "", 2.0, 0.0),
            (OPEN, "", 0.0, 50.5),
        ]

        def fill(tx):
            return [
                add_case(tx, n, state=state, waits_for=waits_for, rank=rank, due_at=due).id for n, (state, waits_for, rank, due) in enumerate(states)
            ]

        rows = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.ready_cases(50.0, 10))) == [rows[1], rows[5], rows[0]]
        assert ids(store.run_now(lambda tx: tx.ready_cases(50.0, 1))) == [rows[1]]

    def test_of_cases_with_one_rank_the_older_is_first(self, store):
        rows = store.run_now(lambda tx: [add_case(tx, n, rank=1.0).id for n in range(5)])
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == rows

    @pytest.mark.parametrize(
        ("waits_for", "is_ready"), [(BACKOFF, True), (COOLDOWN, True), (MAINTENANCE, True), (SCHEDULE, True), (PAUSE, False), (STORM, False)]
    )
    def test_what_waits_for_more_than_a_time_is_not_ready(self, store, waits_for, is_ready):
        store.run_now(lambda tx: add_case(tx, state=WAITING, waits_for=waits_for))
        assert bool(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == is_ready

    def test_a_host_in_a_planned_dispatch_holds_its_cases_back(self, store):
        def fill(tx):
            in_flight = add_case(tx, 1, hosts=("web-01", "web-02"), state=DISPATCHED)
            add_case(tx, 2, hosts=("web-03", "web-02"))
            free = add_case(tx, 3, hosts=("web-03",))
            local = add_case(tx, 4, hosts=())
            return add_dispatch(tx, "u-1", in_flight), free, local

        dispatch, free, local = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == [free.id, local.id]
        store.run_now(lambda tx: tx.save_dispatch(replace(dispatch, state=PARKED)))
        assert len(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == 3, "what is parked works on nothing"
        store.run_now(lambda tx: tx.save_dispatch(replace(dispatch, state=ENDED, ended_at=4.0)))
        assert len(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == 3

    def test_a_case_about_no_host_holds_localhost(self, store):
        def fill(tx):
            add_dispatch(tx, "u-1", add_case(tx, 1, hosts=(), state=DISPATCHED))
            add_case(tx, 2, hosts=())
            add_case(tx, 3, hosts=("localhost",))
            return add_case(tx, 4, hosts=("web-01",))

        free = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 10))) == [free.id]

    def test_new_hosts_of_a_case_count_from_then_on(self, store):
        def fill(tx):
            add_dispatch(tx, "u-1", add_case(tx, 1, hosts=("web-01",), state=DISPATCHED))
            return add_case(tx, 2, hosts=("web-01",))

        case = store.run_now(fill)
        assert store.run_now(lambda tx: tx.ready_cases(100.0, 10)) == []
        moved = replace(case, hosts=("web-02",))
        store.run_now(lambda tx: tx.save_case(moved, ""))
        assert store.run_now(lambda tx: tx.ready_cases(100.0, 10)) == [moved]

    def test_cases_like_another_agree_in_what_a_run_is_chosen_by(self, store):
        def fill(tx):
            first = add_case(tx, 0, name="ServiceDown", rank=5.0)
            alike = [add_case(tx, 1, name="ServiceDown", rank=9.0), add_case(tx, 2, name="ServiceDown", rank=1.0)]
            for n, other in enumerate([{"name": "DiskFull"}, {"type": "log.matched"}, {"mode": "approve"}, {"attempt": 1}, {"decided_by": "ann"}]):
                add_case(tx, 10 + n, **{"name": "ServiceDown", **other})
            add_case(tx, 20, name="ServiceDown", state=WAITING, waits_for=STORM)
            add_case(tx, 21, name="ServiceDown", due_at=101.0)
            return first, alike

        first, alike = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 10, like=first))) == [alike[1].id, alike[0].id]
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 1, like=first))) == [alike[1].id]
        assert store.run_now(lambda tx: tx.ready_cases(100.0, 10, like=first, types="case.")) == []
        assert len(store.run_now(lambda tx: tx.ready_cases(100.0, 10, like=first, types="alert."))) == 2

    def test_cases_of_a_type_are_those_that_begin_so(self, store):
        types = ["case.exhausted", "alert.firing", "case.storm", "caseless", "case"]
        rows = store.run_now(lambda tx: [add_case(tx, n, type=type_, rank=float(-n)).id for n, type_ in enumerate(types)])
        assert ids(store.run_now(lambda tx: tx.ready_cases(100.0, 10, types="case."))) == [rows[2], rows[0]]

    def test_lifted_cases_are_those_that_wait_for_it_page_by_page(self, store):
        def fill(tx):
            add_case(tx, 1, state=WAITING, waits_for=PAUSE)
            add_case(tx, 2, state=OPEN, waits_for=STORM)
            return [add_case(tx, n, state=WAITING, waits_for=STORM).id for n in (3, 4, 5)]

        rows = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.lifted_cases(STORM, 2))) == rows[:2]
        assert ids(store.run_now(lambda tx: tx.lifted_cases(STORM, 2, rows[1]))) == rows[2:]

    def test_who_is_late_is_found_when_the_time_is_over(self, store):
        def fill(tx):
            late = [(VERIFYING, 9.0), (VERIFYING, 8.0), (AWAITING_APPROVAL, 7.0)]
            return [add_case(tx, n, state=state, due_at=due).id for n, (state, due) in enumerate(late)]

        first, second, approval = store.run_now(fill)
        assert ids(store.run_now(lambda tx: tx.overdue_cases(8.5, 10))) == [second]
        assert ids(store.run_now(lambda tx: tx.overdue_cases(9.0, 10))) == [second, first]
        assert ids(store.run_now(lambda tx: tx.overdue_cases(9.0, 1))) == [second]
        assert store.run_now(lambda tx: tx.expired_approvals(6.9, 10)) == []
        assert ids(store.run_now(lambda tx: tx.expired_approvals(7.0, 10))) == [approval]

    def test_the_next_due_time_is_the_earliest_of_all_that_ends_by_itself(self, store):
        states = [
            (OPEN, "", 60.0),
            (WAITING, COOLDOWN, 50.0),
            (VERIFYING, "", 40.0),
            (AWAITING_APPROVAL, "", 30.0),
            (WAITING, PAUSE, 20.0),
            (RESOLVED, "", 20.0),
            (DISPATCHED, "", 20.0),
        ]
        store.run_now(
            lambda tx: [add_case(tx, n, state=state, waits_for=waits_for, due_at=due) for n, (state, waits_for, due) in enumerate(states)],
        )
        store.run_now(lambda tx: tx.add_pause(Pause({}, 1.0, "ann", until=45.0)))
        moments = [store.run_now(lambda tx, now=now: tx.next_due(now)) for now in (0.0, 30.0, 40.0, 45.0, 50.0, 60.0)]
        assert moments == [30.0, 40.0, 45.0, 50.0, 60.0, None]

    def test_unfinished_cases_are_counted_by_state(self, store):
        states = [OPEN, WAITING, OPEN, AWAITING_APPROVAL, EXHAUSTED, RESOLVED]
        rows = store.run_now(lambda tx: [add_case(tx, n, state=state).id for n, state in enumerate(states)])
        assert store.run_now(lambda tx: tx.count_unfinished()) == {OPEN: 2, WAITING: 1, AWAITING_APPROVAL: 1}
        assert ids(store.run_now(lambda tx: tx.unfinished_cases())) == rows[:4]

    def test_the_oldest_that_waits_its_turn_tells_since_when(self, store):
        assert store.run_now(lambda tx: tx.oldest_waiting()) is None
        states = [(OPEN, "", 30.0), (WAITING, STORM, 20.0), (WAITING, BACKOFF, 10.0), (VERIFYING, "", 5.0)]
        store.run_now(lambda tx: [add_case(tx, n, state=s, waits_for=w, opened_at=t) for n, (s, w, t) in enumerate(states)])
        assert store.run_now(lambda tx: tx.oldest_waiting()) == 20.0

    def test_a_host_is_unhealthy_once_while_an_incident_about_it_lives(self, store):
        def fill(tx):
            add_case(tx, 1, hosts=("web-01", "web-02"))
            add_case(tx, 2, hosts=("web-02",), state=SUPPRESSED)
            add_case(tx, 3, hosts=("web-03",), kind="change")
            add_case(tx, 4, hosts=("web-04",), live=False)
            add_case(tx, 5, hosts=())
            return add_case(tx, 6, hosts=("web-06",))

        case = store.run_now(fill)
        assert store.run_now(lambda tx: tx.count_unhealthy_hosts()) == 3
        case = replace(case, hosts=("web-06", "web-07"))
        store.run_now(lambda tx: tx.save_case(case, ""))
        assert store.run_now(lambda tx: tx.count_unhealthy_hosts()) == 4
        assert store.run_now(lambda tx: tx.unhealthy_hosts()) == ["web-01", "web-02", "web-06", "web-07"]
        store.run_now(lambda tx: tx.save_case(replace(case, live=False), ""))
        assert store.run_now(lambda tx: tx.count_unhealthy_hosts()) == 2
        store.run_now(lambda tx: tx.save_case(case, ""))
        assert store.run_now(lambda tx: tx.count_unhealthy_hosts()) == 4

    def test_open_hosts_are_those_of_cases_that_are_not_over(self, store):
        store.run_now(lambda tx: add_case(tx, 1, hosts=("web-01", "web-02")))
        store.run_now(lambda tx: add_case(tx, 2, hosts=("web-02",), state=WAITING))
        store.run_now(lambda tx: add_case(tx, 3, hosts=("web-03",), state=RESOLVED, live=False))
        store.run_now(lambda tx: add_case(tx, 4, hosts=()))
        assert store.run_now(lambda tx: tx.open_hosts()) == {"web-01": {}, "web-02": {}}

    def test_of_cases_that_declare_a_host_the_one_in_flight_counts_else_the_newest(self, store):
        def at(number: int, *hosts: str) -> dict:
            return {host: {"ansible_host": f"192.0.2.{number}"} for host in hosts}

        def add(tx, number, **changes):
            return add_case(tx, number, **{"hosts": ("vm-1",), "connections": at(number, "vm-1"), **changes})

        flying = store.run_now(lambda tx: add(tx, 1))
        store.run_now(lambda tx: add(tx, 2, hosts=("vm-1", "vm-2"), connections=at(2, "vm-1", "vm-2", "localhost", "vm-9")))
        store.run_now(lambda tx: add(tx, 3, connections={}))
        store.run_now(lambda tx: add(tx, 4, state=RESOLVED, live=False))
        store.run_now(lambda tx: add(tx, 5, hosts=("localhost", "vm-9"), connections={}))
        assert store.run_now(lambda tx: tx.open_hosts()) == {**at(2, "vm-1", "vm-2"), "localhost": {}, "vm-9": {}}
        store.run_now(lambda tx: tx.save_case(replace(flying, state=RUNNING), ""))
        assert store.run_now(lambda tx: tx.open_hosts())["vm-1"] == {"ansible_host": "192.0.2.1"}
        assert store.run_now(lambda tx: tx.find_cases(CaseQuery(ids=(flying.id,))))[0].connections == at(1, "vm-1")

    def test_the_last_run_is_that_of_earlier_cases_with_the_same_key(self, store):
        def fill(tx):
            for n, ran_at in enumerate([5.0, 9.0, None]):
                add_case(tx, n, dedup_key="k", ran_at=ran_at, live=False)
            add_case(tx, 7, dedup_key="other", ran_at=99.0)
            return add_case(tx, 8, dedup_key="k", ran_at=50.0)

        case = store.run_now(fill)
        assert store.run_now(lambda tx: tx.last_run("k", but=case.id)) == 9.0
        assert store.run_now(lambda tx: tx.last_run("k", but=0)) == 50.0
        assert store.run_now(lambda tx: tx.last_run("none", but=0)) is None
