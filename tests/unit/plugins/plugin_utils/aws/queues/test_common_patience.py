# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What several share who wait for the same thing."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.common_patience import CommonPatience


class Slow:
    def __init__(self):
        self.failures, self.may_go_on = [], asyncio.Event()

    async def failed(self, error):
        self.failures.append(str(error))
        await self.may_go_on.wait()

    def well(self):
        pass


def test_one_waits_for_all_and_its_success_is_everybodys():
    async def story():
        slow = Slow()
        patience = CommonPatience(slow)
        waiting = [asyncio.create_task(patience.failed(OSError(name))) for name in ("first", "second", "third")]
        await asyncio.sleep(0.01)
        assert slow.failures == ["first"]
        patience.well()
        slow.may_go_on.set()
        await asyncio.wait_for(asyncio.gather(*waiting), 10)
        assert slow.failures == ["first"]

    asyncio.run(story())


def test_while_nobody_succeeds_each_has_its_turn():
    async def story():
        slow = Slow()
        slow.may_go_on.set()
        patience = CommonPatience(slow)
        await asyncio.wait_for(asyncio.gather(*(patience.failed(OSError(name)) for name in ("first", "second"))), 10)
        assert slow.failures == ["first", "second"]

    asyncio.run(story())
