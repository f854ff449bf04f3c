# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about events."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept

from .examples import add_case, add_event, an_event


class PromisesOfEvents:
    def test_an_event_comes_back_as_it_was(self, store):
        event = an_event(data={"text": "{{ evil }} \U0001f4a5 \ud800", "n": [1, {"deep": None}]}, extra={"payload": {"a": 1}})
        row = store.run_now(lambda tx: tx.insert_event(event, child="monitors", received_at=5.5))
        found = store.run_now(lambda tx: tx.event(row))
        assert (found.event, found.child, found.received_at, found.case_id) == (event, "monitors", 5.5, None)

    def test_what_an_event_declares_comes_back_and_a_key_beside_it_declares_nothing(self, store):
        declaring = an_event(1, connections={"web-01": {"ansible_host": "192.0.2.1", "ansible_port": 22}})
        posing = an_event(2, extra={"eventops_connections": {"web-01": {"ansible_host": "192.0.2.9"}}, "connections": 7})
        store.run_now(accept([declaring, posing], child="a", received_at=1.0))
        first, second = store.run_now(lambda tx: tx.unhandled_events(9))
        assert first.event == declaring
        assert (second.event.connections, second.event.extra) == ({}, {"connections": 7})

    def test_a_repeated_id_is_known_per_child_and_source(self, store):
        def insert(tx, child, **changes):
            return tx.insert_event(an_event(**changes), child=child, received_at=1.0)

        assert store.run_now(lambda tx: insert(tx, "a")) is not None
        assert store.run_now(lambda tx: insert(tx, "a")) is None
        assert store.run_now(lambda tx: insert(tx, "b")) is not None, "another child cannot take an id away"
        assert store.run_now(lambda tx: insert(tx, "a", source="other")) is not None

    def test_of_events_accepted_together_each_gets_its_row_and_a_repeated_one_none(self, store):
        first = store.run_now(accept([an_event(1)], child="a", received_at=1.0))
        rows = store.run_now(accept([an_event(2), an_event(1), an_event(3), an_event(3)], child="a", received_at=1.0))
        assert first + rows == [first[0], rows[0], None, rows[2], None]
        assert [row.event.id for row in store.run_now(lambda tx: tx.unhandled_events(9))] == ["event-1", "event-2", "event-3"]

    def test_the_length_of_an_event_is_known_without_reading_it(self, store):
        short, long = store.run_now(accept([an_event(1), an_event(2, data={"text": "x" * 5000})], child="a", received_at=1.0))
        assert store.run_now(lambda tx: tx.event_bytes(long) - tx.event_bytes(short)) > 4900
        with pytest.raises(KeyError):
            store.run_now(lambda tx: tx.event_bytes(long + 1))

    def test_unhandled_events_come_in_order_and_once(self, store):
        rows = store.run_now(accept([an_event(n) for n in range(5)], child="a", received_at=1.0))
        assert [row.id for row in store.run_now(lambda tx: tx.unhandled_events(3))] == rows[:3]
        store.run_now(lambda tx: [tx.mark_handled(row, None) for row in rows[:2]])
        store.run_now(lambda tx: tx.mark_all_handled((row, None) for row in rows[2:4]))
        assert [row.id for row in store.run_now(lambda tx: tx.unhandled_events(3))] == rows[4:]

    def test_events_of_any_size_are_all_looked_at(self, store):
        large = [an_event(n, data={"text": "x" * 3_000_000}) for n in range(3)]
        rows = store.run_now(accept([*large, an_event(4)], child="a", received_at=1.0))
        looked_at = []
        while found := store.run_now(lambda tx: tx.unhandled_events(100)):
            looked_at += [row.id for row in found]
            store.run_now(lambda tx, found=found: [tx.mark_handled(row.id, None) for row in found])
        assert looked_at == rows

    def test_events_of_a_case_come_newest_first(self, store):
        case, other = store.run_now(lambda tx: (add_case(tx, 1), add_case(tx, 2)))
        joined = store.run_now(lambda tx: [add_event(tx, number) for number in (3, 4, 5)])
        store.run_now(lambda tx: tx.mark_all_handled((row, each.id) for row, each in zip(joined, (case, other, case))))
        found = store.run_now(lambda tx: tx.events_of(case.id, 10))
        assert [row.id for row in found] == [joined[2], joined[0], case.event_row]
        assert {row.case_id for row in found} == {case.id}
        assert [row.id for row in store.run_now(lambda tx: tx.events_of(case.id, 1))] == [joined[2]]

    def test_events_of_a_case_are_weighed_newest_first(self, store):
        case = store.run_now(lambda tx: add_case(tx, 1))
        row = store.run_now(lambda tx: tx.insert_event(an_event(2, data={"text": "x" * 1000}), child="monitors", received_at=1.0))
        store.run_now(lambda tx: tx.mark_handled(row, case.id))
        large, small = store.run_now(lambda tx: tx.event_sizes_of(case.id, 10))
        assert (large.id, large.child, large.event_id, small.id) == (row, "monitors", "event-2", case.event_row)
        assert 1000 < large.size_bytes < 2000 and small.size_bytes < 1000
        assert store.run_now(lambda tx: tx.event_sizes_of(case.id, 1)) == [large]

    def test_a_missing_event_is_a_key_error(self, store):
        with pytest.raises(KeyError):
            store.run_now(lambda tx: tx.event(99))
