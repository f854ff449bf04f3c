# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about transactions: all or nothing, to everyone alone, and told when it is done."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable, accept

from .examples import add_case, an_event


class PromisesOfTransactions:
    def test_what_raises_leaves_nothing_and_harms_no_other(self, store, changes):
        def broken(tx):
            add_case(tx, 1)
            raise ValueError("no")

        async def together():
            work = [store.run(broken), *(store.run(lambda tx, n=n: add_case(tx, n)) for n in range(2, 20))]
            return await asyncio.gather(*work, return_exceptions=True)

        first, *others = asyncio.run(together())
        assert isinstance(first, ValueError)
        assert store.run_now(lambda tx: tx.unfinished_cases()) == sorted(others, key=lambda case: case.id)
        assert len(others) == 18
        assert [change.case for change in changes] == others, "of what never happened nobody is told"

    def test_a_caller_that_goes_away_harms_no_other(self, store):
        async def scenario():
            tasks = [asyncio.create_task(store.run(lambda tx, n=n: add_case(tx, n))) for n in range(50)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return await store.run(lambda tx: {case.dedup_key for case in tx.unfinished_cases()})

        assert {f"alert/ServiceDown/{n}" for n in range(1, 50, 2)} <= asyncio.run(scenario())

    def test_what_was_given_first_happens_first(self, store):
        async def scenario():
            return await asyncio.gather(*(store.run(accept([an_event(n)], child="a", received_at=1.0)) for n in range(300)))

        rows = [row for (row,) in asyncio.run(scenario())]
        assert rows == sorted(rows)

    def test_several_loops_and_threads_may_use_it(self, store):
        def in_a_loop_of_its_own(number):
            return asyncio.run(store.run(accept([an_event(number)], child="a", received_at=1.0)))

        async def scenario():
            return await asyncio.gather(*(asyncio.to_thread(in_a_loop_of_its_own, number) for number in range(20)))

        assert len({row for (row,) in asyncio.run(scenario())}) == 20

    def test_a_closed_store_says_so(self, store):
        store.close()
        store.close()
        with pytest.raises(StoreUnavailable):
            store.run_now(lambda tx: tx.next_due(0.0))
        with pytest.raises(StoreUnavailable):
            asyncio.run(store.run(lambda tx: tx.next_due(0.0)))
