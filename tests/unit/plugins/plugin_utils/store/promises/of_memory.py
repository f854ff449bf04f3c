# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about the memory of sources."""

from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.keep import Keep

from .examples import an_event


def _remember(store, items, child="netbox") -> None:
    store.run_now(lambda tx: tx.remember(child, items))


def _recall(store, prefix="", child="netbox", **how) -> dict:
    return store.run_now(lambda tx: tx.recall(child, prefix, **how))


class PromisesOfMemory:
    def test_what_a_source_remembers_is_its_own(self, store):
        _remember(store, {"cursor": "1", "held/7": "{}"})
        _remember(store, {"cursor": "9"}, child="other")
        assert _recall(store) == {"cursor": "1", "held/7": "{}"}
        assert _recall(store, child="other") == {"cursor": "9"}

    def test_a_key_is_replaced_and_forgotten(self, store):
        _remember(store, {"a": "1", "b": "2", "c": "3"})
        _remember(store, {"a": "one", "b": None, "never": None})
        assert _recall(store) == {"a": "one", "c": "3"}
        _remember(store, {})
        assert _recall(store) == {"a": "one", "c": "3"}

    @pytest.mark.parametrize("prefix", ["", "row/", "row/\ud7ff", "\U0010ffff", "row/\U0010ffff", "%", "_", "x"])
    def test_a_prefix_is_what_a_key_begins_with_and_no_pattern(self, store, prefix):
        keys = ["row", "row/", "row/1", "row0", "ROW/1", "row/\ud7ff", "row/\ud7ff1", "row/\ue000", "row/\U0010ffff"]
        keys += ["\U0010ffff\U0010ffff", "%", "_", "%x", "row/ \U0001f4a5"]
        _remember(store, dict.fromkeys(keys, "it's"))
        assert _recall(store, prefix) == {key: "it's" for key in sorted(keys) if key.startswith(prefix)}

    def test_a_long_memory_is_read_in_pages(self, store):
        _remember(store, {f"row/{number:04}": str(number) for number in range(1000)})
        first = _recall(store, "row/", limit=400)
        others = _recall(store, "row/", after="row/0399")
        assert list(first) == sorted(first) and len(first) == 400
        assert {**first, **others} == _recall(store, "row/") and first.keys().isdisjoint(others)

    def test_some_keys_of_many_are_found_quickly(self, store):
        keys = [f"seen/{number}" for number in range(100_000)]
        _remember(store, dict.fromkeys(keys, ""))
        began = time.perf_counter()
        assert len(store.run_now(lambda tx: tx.recall_keys("netbox", [*keys[::2], *keys[:10:2], "unknown"]))) == 50_000
        assert time.perf_counter() - began < 5
        assert store.run_now(lambda tx: tx.recall_keys("netbox", [])) == {}

    def test_events_and_what_is_remembered_with_them_are_kept_together(self, store):
        keep = Keep(accept([an_event(1), an_event(2)], child="netbox", received_at=1.0), child="netbox", remember={"cursor": "2"})
        first = store.run_now(keep)
        assert None not in first and store.run_now(keep) == [None, None]
        assert _recall(store) == {"cursor": "2"}

    def test_neither_is_kept_when_one_cannot_be(self, store):
        broken = Keep(accept([an_event(1)], child="netbox", received_at=1.0), child="netbox", remember={"cursor": object()})
        with pytest.raises(Exception, match="."):
            store.run_now(broken)
        assert _recall(store) == {} and store.run_now(lambda tx: tx.unhandled_events(9)) == []

    def test_retention_leaves_it_alone(self, store):
        _remember(store, {"cursor": "1"})
        store.run_now(lambda tx: tx.delete_before(1e12, 100))
        assert _recall(store) == {"cursor": "1"}
