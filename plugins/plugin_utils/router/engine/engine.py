# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The engine that the router feeds: put an event, and learn what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from .followed import Followed, FollowedEvents
from .internals import EngineChanged, RunningRuleset, Surroundings
from .matches import Ask, Matches
from .performed import Performed
from .rule_reads import RuleReads, reads_of
from .ruleset import var_roots
from .waiting_rules import WaitingRules

# From the start of the sources on; what takes longer, such as gathering facts, keeps the event loop until the ruleset runs.
_GET_READY_SECONDS = 120.0
_LOOK_SECONDS = 0.005
_MOST_LOOK_SECONDS = 0.1


async def _never_parked() -> None:
    raise RuntimeError("no event is parked without somebody who writes that down")


class Engine:
    """The engine that a source feeds.

    Several events may be in it at once; their `meta.uuid` tells their actions apart. Events are put one after another: the next one when the
    engine has matched the last.

    :param queue: what ansible-rulebook gave to the source.
    :param generation: tells this life of the router from earlier ones.
    """

    def __init__(self, queue: object, around: Surroundings, generation: str) -> None:
        self.parallel: bool = around.ruleset.parallel  # else the engine runs one action after another
        self.reads: RuleReads = reads_of(around.ruleset)
        self._queue = queue
        self._source_name = around.source_name
        self._persistent = around.persistent
        self._waiting = WaitingRules.of(around.ruleset)
        self._ruleset = RunningRuleset(around.ruleset.name)
        self._followed = FollowedEvents(self._ruleset)
        roots = {rule.name: var_roots(rule) for rule in around.ruleset.rules}
        self._matches = Matches(self._ruleset, roots, self._followed, around.source_name, generation)
        self._putting = asyncio.Lock()
        self._closed = False
        # From the first turn of the loop on, whatever the router does first: see _get_ready.
        self._getting_ready = asyncio.create_task(self._get_ready(), name="eventops engine")

    async def ready(self) -> None:
        """Wait until the engine takes events. Raises EngineChanged."""
        await self._getting_ready

    async def _get_ready(self) -> None:
        """Stand in front of the rules, and see the actions.

        With `--persistence-id` the engine, after a crash, runs each action that it had not marked as done, although the playbook may
        have ended or be running still. Recovered matches arrive by a socket, at least a turn of the loop after the session was made:
        looking at each turn is early enough. That is before the router is ready for anything: it loads an inventory first, which
        takes seconds.
        """
        deadline = asyncio.get_running_loop().time() + _GET_READY_SECONDS
        while True:
            self._ruleset.stand_in_front_of_rules(self._matches.callback)
            if self._ruleset.find():
                break
            if asyncio.get_running_loop().time() > deadline:
                raise EngineChanged(f"this version of ansible-rulebook does not run a ruleset as expected, or has not for {_GET_READY_SECONDS:g} s")
            # The JVM's start blocks the loop, so few turns pass; with persistence none may be missed.
            await asyncio.sleep(0 if self._persistent else 0.01)
        self._ruleset.keep_actions_in(self._followed)

    def ask_before_late_actions(self, may_begin: Ask) -> None:
        """Set who says whether the actions of events may begin, some of which were parked when a rule took them."""
        self._matches.may_begin = may_begin

    async def perform(
        self,
        event: Mapping,
        began: Callable[[int], None] = lambda _playbooks: None,
        parked: Callable[[], Awaitable[None]] = _never_parked,
    ) -> Performed:
        """Put one event and wait until everything that it set off has ended.

        :param event: its `meta.uuid` is new, `meta.hosts` is not empty.
        :param began: is called when a rule took it and its actions start, with the number of playbooks among them.
        :param parked: is awaited when no rule took it at once but one may later; until then it must hold nothing.
        """
        meta = event["meta"]
        with self._followed.follow(meta["uuid"], meta["hosts"], began) as followed:
            async with self._putting:
                await self._put(self._unheard_of(event))
            if not followed.matches and not followed.errors:
                seconds = self._waiting.seconds_for(event)
                if followed.held or seconds is not None:
                    followed.parked = True
                    await parked()
                    followed.settled.set()
                    await self._taken(followed, seconds or 0.0)
            followed.settled.set()
            if followed.matches:
                await _over(followed)
            return followed.performed(cut_off=self._closed and not followed.matches and followed.parked)

    def give_up(self, uuid: str) -> None:
        """Wait no longer for a rule to take an event that was parked."""
        if followed := self._followed.get(uuid):
            followed.given_up = True
            followed.changed.set()

    def close(self) -> None:
        """Wait no longer for rules to take what was parked: the next life puts it again."""
        self._closed = True
        self._matches.close()
        for followed in self._followed.all():
            followed.changed.set()

    async def stop_now(self) -> None:
        """Ask the engine to end and to cancel the actions that still run."""
        await self._ruleset.stop_now("the router has drained", self._source_name)

    def _unheard_of(self, event: Mapping) -> dict:
        """Give an event a uuid that the engine has never seen, with `--persistence-id`.

        There it ignores an event whose uuid is among the last that it has processed, in an earlier life too (five, or
        `drools_deduplication_window_size`), so that a dispatch could not go out again. Actions get the dispatch's own uuid
        back, see Matches.
        """
        if not self._persistent:
            return dict(event)
        meta = event["meta"]
        return {**event, "meta": {**meta, "uuid": str(uuid4()), "source": {**meta["source"], "dispatch": meta["uuid"]}}}

    async def _put(self, event: dict) -> None:
        """Put an event and wait until the engine has read it; it matches it before it does anything else."""
        uuid = event["meta"]["uuid"]
        await self._queue.put(event)
        for _turn in range(10):
            await asyncio.sleep(0)
        seconds = _LOOK_SECONDS
        while self._ruleset.is_queued(uuid):
            # It reads nothing while as many actions run as it allows.
            await asyncio.sleep(seconds)
            seconds = min(seconds * 1.5, _MOST_LOOK_SECONDS)

    async def _taken(self, followed: Followed, seconds: float) -> None:
        """Wait for a rule to take what was parked, until the time is over in which one may."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not (followed.matches or followed.given_up or self._closed):
            followed.changed.clear()
            try:
                async with asyncio.timeout_at(None if followed.held else deadline):
                    await followed.changed.wait()
            except TimeoutError:
                return


async def _over(followed: Followed) -> None:
    """Wait until every rule that took an event has had its actions run. What these set off is matched before they end."""
    while True:
        if running := followed.running:
            await asyncio.wait(running)
        elif followed.started < followed.matches:
            followed.changed.clear()
            await followed.changed.wait()
        else:
            return
