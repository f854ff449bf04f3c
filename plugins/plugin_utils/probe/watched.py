# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One target under watch: what is known of it, and what was said about it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.probe.alert import alert
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.announcement import Message, Said, due
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.health import Health, State, observe
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import Target

logger = logging.getLogger(__name__)


class Watched:
    """Check a target, and say what is to be said about it.

    :param run: runs the check of a target; see `Checks.run`.
    :param put: hands an event over; what it raises means that the event may not have arrived.
    :param source: the attribute `source` of the events.
    """

    def __init__(
        self,
        target: Target,
        run: Callable[[Target], Awaitable[str | None]],
        put: Callable[[dict[str, Any]], Awaitable[None]],
        source: str,
    ) -> None:
        self.target = target
        self.health = Health()
        self.said = Said()
        self._run = run
        self._put = put
        self._source = source
        self._error: str | None = None
        self._down_since: float | None = None
        self._left_at: float | None = None
        self._is_conclusive = True
        self._checking = asyncio.Lock()  # the schedule and the router's question must not mix their results
        self._saying = asyncio.Lock()

    async def check(self) -> bool | None:
        """Check now, take the result in, and return whether it was healthy; None when nothing can be said."""
        async with self._checking:
            target = self.target
            try:
                error = await self._run(target)
            except Inconclusive as reason:
                if self._is_conclusive:
                    logger.warning("%s cannot be checked, its state stays %s: %s", target.fingerprint, self.health.state.value, reason)
                self._is_conclusive = False
                return None
            self._is_conclusive = True
            if error is not None:
                self._error = error
            self.health, edge = observe(self.health, error is None, time.time(), rise=target.rise, fall=target.fall)
            if edge is State.DOWN:
                self._down_since = self.health.since
                logger.info("%s is down: %s", target.fingerprint, error)
            elif edge is State.UP:
                logger.info("%s is up", target.fingerprint)
            return error is None

    async def announce(self, *, repeat_seconds: float, resolve_at_start: bool) -> None:
        """Hand over what is to be said; what fails is tried again the next time."""
        async with self._saying:
            now = asyncio.get_running_loop().time()
            message = due(self.health, self.said, now, repeat_seconds=repeat_seconds, resolve_at_start=resolve_at_start)
            if message is not None:
                await self._say(message, self.health.since)

    async def farewell(self) -> bool:
        """Call the problem of a target that is not watched any more resolved, for nobody will; return whether nothing is left to say."""
        async with self._saying:
            if self.said.message is Message.FIRING or not self.said.delivered:
                if self._left_at is None:
                    self._left_at = time.time()
                note = f"{self.target.name} on {self.target.host} is not checked any more"
                await self._say(Message.RESOLVED, self._left_at, note)
            return self.said.delivered

    async def answer(self) -> str | None:
        """Find out by checking now whether the problem is over: "resolved", "firing", or None when that cannot be told.

        One result that contradicts what is known is not taken for an answer: it is checked again until rise or fall decide.
        """
        for round_ in range(self.target.rise + self.target.fall):
            if round_:
                await asyncio.sleep(min(1.0, self.target.interval))
            healthy = await self.check()
            if healthy is None:
                return None
            if healthy is (self.health.state is State.UP) and self.health.state is not State.UNKNOWN:
                break
        return {State.UP: "resolved", State.DOWN: "firing", State.UNKNOWN: None}[self.health.state]

    async def _say(self, message: Message, since: float, note: str | None = None) -> None:
        self.said = self.said.next(message, asyncio.get_running_loop().time())
        event = alert(
            self.target,
            message,
            source=self._source,
            since=since,
            now=time.time(),
            down_since=self._down_since,
            count=self.said.count,
            error=self._error,
            note=note,
        )
        try:
            await self._put(event)
        except Exception as error:  # whatever the receiver's reason is, the event is not lost
            logger.warning("%s could not be handed over, it is tried again: %s: %s", event["id"], type(error).__name__, error)
        else:
            self.said = self.said.arrived()
