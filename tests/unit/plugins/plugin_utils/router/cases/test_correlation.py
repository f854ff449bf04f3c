# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Correlation of many events in one transaction: the same as one by one, and cheaper."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.cases.correlation import Correlation
from hypothesis import given, settings
from hypothesis import strategies as st

from ...store.promises.examples import an_event
from .life import ALL_READ, Life

happenings = st.lists(
    st.tuples(
        st.sampled_from(["alert.firing", "alert.firing", "alert.firing", "alert.resolved", "netbox.vm.updated"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([("web-01",), ("web-02",), ("nowhere",)]),
        st.sampled_from(["critical", "info"]),
    ),
    max_size=12,
)


def correlated(path, sequence, at_once: int):
    """Correlate a sequence, so many events in a transaction, and return what is left of each case."""
    life = Life(path)
    for number, (type_, key, hosts, severity) in enumerate(sequence):
        event = an_event(number, type=type_, dedup_key=key, hosts=hosts, severity=severity)
        life.store.run_now(lambda tx, event=event: tx.insert_event(event, child="m", received_at=life.now))
    correlate = Correlation(life.inventory, life.policy, ALL_READ)
    while rows := life.store.run_now(lambda tx: tx.unhandled_events(at_once)):
        life.store.run_now(lambda tx, rows=rows: correlate(tx, rows, life.now))
    cases = []
    for number in range(1, len(sequence) + 5):
        try:
            case = life.case(number)
        except KeyError:
            break
        history = life.store.run_now(lambda tx, number=number: tx.history(number))
        cases.append((case, [(row.from_state, row.to_state, row.why) for row in history]))
    life.store.close()
    return cases


@settings(max_examples=60)
@given(happenings)
def test_all_at_once_is_the_same_as_one_by_one(tmp_path_factory, sequence):
    together = correlated(tmp_path_factory.mktemp("together"), sequence, 200)
    one_by_one = correlated(tmp_path_factory.mktemp("one"), sequence, 1)
    # Our own events are accepted while others wait, so their cases come elsewhere in the order.
    said = [
        sorted((case.dedup_key, case.state, case.live, case.count, case.severity, case.hosts, history) for case, history in cases if case.child == "m")
        for cases in (together, one_by_one)
    ]
    assert said[0] == said[1]


def test_a_repeated_alert_is_written_once_in_a_transaction(tmp_path):
    life = Life(tmp_path)
    for number in range(50):
        life.store.run_now(lambda tx, number=number: tx.insert_event(an_event(number), child="m", received_at=life.now))
    saved = []

    def counting(tx):
        save, tx.save_case = tx.save_case, lambda case, why, **by: saved.append(case) or save(case, why, **by)
        try:
            return Correlation(life.inventory, life.policy, ALL_READ)(tx, tx.unhandled_events(100), life.now)
        finally:
            tx.save_case = save

    assert life.store.run_now(counting) == 1
    assert [case.count for case in saved] == [50]
    life.store.close()


@pytest.mark.parametrize("kept", ["hosts", "severity"])
def test_the_newest_event_of_a_batch_counts(tmp_path, kept):
    one, other = ("alert.firing", "a", ("web-01",), "critical"), ("alert.firing", "a", ("web-02",), "info")
    ((case, _history),) = correlated(tmp_path, [one, one, other], 200)
    assert (case.count, getattr(case, kept)) == (3, other[2] if kept == "hosts" else other[3])


@pytest.mark.parametrize("own", ["k (alert.firing)", "k"])
def test_no_key_makes_an_alert_a_part_of_something_else(tmp_path, own):
    life = Life(tmp_path)
    life.event("netbox.vm.updated", dedup_key="k")
    life.event("netbox.vm.updated", dedup_key=own)
    alert = life.event("alert.firing", dedup_key="k")
    assert (alert.type, alert.kind, alert.count) == ("alert.firing", "incident", 1)
    assert life.event("alert.firing", dedup_key="k").id == alert.id
    life.store.close()


def test_an_alert_is_followed_to_its_end_when_what_had_its_key_is_over(tmp_path):
    life = Life(tmp_path)
    life.event("netbox.vm.updated", dedup_key="k", hosts=("web-02",))
    alert = life.event("alert.firing", dedup_key="k")
    life.land(life.plan())
    assert life.event("alert.firing", dedup_key="k").id == alert.id
    assert life.event("alert.resolved", dedup_key="k").id == alert.id
    assert life.states(alert) == ["resolved"]
    life.store.close()
