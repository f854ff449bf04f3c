# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dispatching: put what is planned to the engine, wait until it is over, and take the outcome into the store."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import PARKED, Dispatch

from .cases import flight
from .cases.flight import MayBegin, Planned
from .cases.landing import Landing
from .cases.planning import Planner
from .config import RouterConfig
from .engine.dispatch_event import Rejected, dispatch_event
from .engine.engine import Engine
from .engine.for_playbooks import InventoryOfCases
from .engine.matches import Verdict
from .engine.performed import Performed
from .persistence import write
from .policy.settings import CasePolicy
from .runs import Runs
from .slots import Broadcast, Closed, Slots

logger = logging.getLogger(__name__)

_WRITE_AGAIN_SECONDS = 1.0
# What holds a dispatch that a rule took late may also end where this does not hear of it: a pause, an action of another source.
_ASK_AGAIN_SECONDS = 5.0


class Dispatcher:
    """Carry dispatches out, several at a time where the engine can.

    The router asks for room, plans, and starts `fly`, one after another; how it ends is written down here. A dispatch that a rule may take later
    is parked: it gives its slot and its hosts back, and has to get them again before a rule's actions begin.

    :param source_name: the router's name in the rulebook, which becomes `meta.source.name`.
    :param generation: tells this life of the router from earlier ones.
    :param freed: is called when a slot or hosts have become free before a dispatch is over.
    """

    def __init__(
        self,
        config: RouterConfig,
        store: Store,
        inventory: Inventory,
        engine: Engine,
        planner: Planner,
        freed: Callable[[], None],
        *,
        source_name: str,
        generation: str,
    ) -> None:
        self._config = config
        self._store = store
        self._inventory = inventory
        self._engine = engine
        self._planner = planner
        self._freed = freed
        self._source_name = source_name
        self._generation = generation
        self._runs = Runs(config.store, store, generation)
        self._cases_file = InventoryOfCases(config.store)
        self._landing = Landing(config.policy, random.random)
        self._slots = Slots(config.policy.base, parallel=engine.parallel)
        self._policies: dict[str, CasePolicy] = {}  # of what is in flight or parked
        self._hosts_freed = Broadcast()
        engine.ask_before_late_actions(self._may_begin)
        if not engine.parallel and config.policy.base.max_in_flight > 1:
            logger.warning(
                "the ruleset runs one action after another, so one dispatch is in flight at a time and not %d: write execution_strategy: parallel",
                config.policy.base.max_in_flight,
            )

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight."""
        return self._slots.idle

    @property
    def room_for_own(self) -> bool:
        """Whether the engine can take one more, whatever the policy's limits say."""
        return self._slots.room_for_own

    def room(self, policy: CasePolicy) -> bool:
        """Tell whether one more dispatch under this policy may be put."""
        return self._slots.room(policy)

    def close(self) -> None:
        """Let nothing more take off, and leave what is parked to the next life."""
        self._slots.close()
        self._engine.close()

    async def recover(self, dispatch: Dispatch) -> None:
        """Bring a dispatch of an earlier life to its end (DESIGN section 5, restart)."""
        if dispatch.state == PARKED:
            # No rule had taken it, and the engine has forgotten it.
            await write(self._store, flight.reopened(dispatch, time.time()))
            return
        runs = await self._runs.of_earlier_life(dispatch.uuid)
        if any(run.ended for run in runs):
            await self._land(dispatch, runs, None)
            return
        dispatch = await write(self._store, flight.interrupted(dispatch))
        with suppress(Closed), self._in_flight(dispatch.uuid):
            await self._slots.take_in_turn([(dispatch.uuid, self._config.policy.base)])
            # Looked at only now: while it waited its cases may have been closed, or got newer data.
            inventory = await self._inventory.fresh()
            planned = await write(self._store, lambda tx: self._planner.replan(tx, dispatch, inventory, time.time()))
            if planned is None:
                await self._land(dispatch, runs, None)
                return
            logger.warning("dispatch %s was cut off and goes out again", dispatch.uuid)
            self._runs.forget(dispatch.uuid)
            await self._fly(planned)

    async def fly(self, planned: Planned) -> None:
        """Put a planned dispatch, and wait until it is over and its outcome is written down. It takes its slot in its first step."""
        with self._in_flight(planned.dispatch.uuid):
            await self._fly(planned)

    @contextmanager
    def _in_flight(self, uuid: str) -> Iterator[None]:
        try:
            yield
        finally:
            self._policies.pop(uuid, None)
            self._cases_file.forget(uuid)
            self._free(uuid)

    def _free(self, uuid: str) -> None:
        self._cases_file.release(uuid)
        self._slots.release(uuid)
        self._hosts_freed.happen()

    async def _fly(self, planned: Planned) -> None:
        dispatch = planned.dispatch
        self._policies[dispatch.uuid] = planned.policy
        self._slots.take(dispatch.uuid, planned.policy)
        try:
            # On a thread: to clean and shorten a megabyte takes a while.
            event = await asyncio.to_thread(
                dispatch_event,
                [(member.case, member.row) for member in planned.members],
                dispatch,
                max_attempts=planned.policy.attempts.max,
                source_name=self._source_name,
                generation=self._generation,
            )
        except Rejected as error:
            await write(self._store, flight.suppress(planned, str(error), time.time()))
            return
        self._cases_file.expect(dispatch.uuid, flight.connections_of(planned))
        while True:
            hosts = await write(self._store, flight.take_off(planned, time.time()))
            if hosts is None:
                return
            ready = self._cases_file.is_ready_for([dispatch.uuid], hosts, self._inventory.snapshot.hostvars)
            if self._slots.closed:
                return  # told to stop meanwhile: the next life takes it up
            if ready:
                break
            await asyncio.sleep(_WRITE_AGAIN_SECONDS)
        logger.info("attempt %d to %s", dispatch.attempt, ", ".join(dispatch.hosts))
        performed = await self._perform(dispatch.uuid, event)
        if performed.cut_off:
            return  # the engine is stopping; the next life takes it up
        await self._land(dispatch, await self._runs.of(dispatch.uuid), performed)

    async def _perform(self, uuid: str, event: dict) -> Performed:
        noting: list[asyncio.Task] = []

        def began(playbooks: int) -> None:
            noting.append(asyncio.create_task(write(self._store, flight.begun(uuid, time.time(), playbooks))))

        async def parked() -> None:
            await write(self._store, flight.park(uuid, time.time()))
            self._free(uuid)
            self._freed()

        performed = await self._engine.perform(event, began, parked)
        await asyncio.gather(*noting)
        return performed

    async def _may_begin(self, uuids: Sequence[str]) -> Verdict:
        """Answer the engine, when a rule takes dispatches of which one at least is parked.

        They get one slot at least, and their hosts, where nothing else works on them; where something does, this waits for it.
        """
        over = await write(self._store, flight.closed_while_parked(uuids))
        for uuid in over:
            self._engine.give_up(uuid)
        if over:
            return Verdict.ASK_AGAIN  # without those
        wanted = [(uuid, self._policies[uuid]) for uuid in uuids if uuid in self._policies]
        if not wanted:
            return Verdict.ASK_AGAIN  # they have ended meanwhile
        try:
            taken = await self._slots.take_in_turn(wanted)
        except Closed:
            return Verdict.NEVER
        answer = await write(self._store, flight.unpark(uuids, self._config.policy, await self._inventory.fresh(), time.time()))
        for uuid in taken:
            if answer is not MayBegin.GO or uuid not in self._policies:
                self._slots.release(uuid)
        if answer is MayBegin.GO:
            hosts = await write(self._store, lambda tx: tx.open_hosts())
            if not self._cases_file.is_ready_for(uuids, hosts, self._inventory.snapshot.hostvars):
                await asyncio.sleep(_WRITE_AGAIN_SECONDS)
                return Verdict.ASK_AGAIN
        if answer is MayBegin.LATER:
            with suppress(TimeoutError):
                async with asyncio.timeout(_ASK_AGAIN_SECONDS):
                    await self._hosts_freed.wait()
        return {MayBegin.GO: Verdict.GO, MayBegin.LATER: Verdict.ASK_AGAIN, MayBegin.NEVER: Verdict.NEVER}[answer]

    async def _land(self, dispatch: Dispatch, runs: list[Execution], performed: Performed | None) -> None:
        await write(self._store, lambda tx: self._landing(tx, tx.dispatch(dispatch.uuid), runs, performed, time.time()))
        await self._runs.tidy_up(dispatch.uuid)
