# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dispatching: put what is planned to the engine, wait until it is over, and take the outcome into the store."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, directory_of, list_dispatches, prepare, read_dispatch, remove_dispatch
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Dispatch

from .cases import flight
from .cases.flight import Planned
from .cases.landing import Landing
from .cases.planning import Planner
from .config import RouterConfig
from .engine.dispatch_event import Rejected, dispatch_event
from .engine.engine import Engine, Performed
from .engine.for_playbooks import InventoryOfCases
from .engine.left_over import runs_over
from .persistence import write
from .policy.settings import CasePolicy

logger = logging.getLogger(__name__)

_READ_AGAIN_SECONDS = 1.0


class Dispatcher:
    """Carry dispatches out, several at a time where the engine can.

    The router asks for room, plans, and starts `fly`, one after another; how it ends is written down here.

    :param source_name: the router's name in the rulebook, which becomes `meta.source.name`.
    :param generation: tells this life of the router from earlier ones.
    """

    def __init__(
        self, config: RouterConfig, store: Store, inventory: Inventory, engine: Engine, planner: Planner, *, source_name: str, generation: str
    ) -> None:
        self._config = config
        self._store = store
        self._inventory = inventory
        self._engine = engine
        self._planner = planner
        self._source_name = source_name
        self._generation = generation
        self._executions = directory_of(config.store)
        prepare(self._executions)
        self._cases_file = InventoryOfCases(config.store)
        self._landing = Landing(config.policy, random.random)
        self._in_flight = 0
        self._closed = False

    @property
    def idle(self) -> bool:
        """Tell whether nothing is in flight."""
        return not self._in_flight

    @property
    def room_for_own(self) -> bool:
        """Tell whether the engine can take one more, whatever the policy's limits say."""
        return not self._closed and not self._in_flight

    def room(self, policy: CasePolicy) -> bool:
        """Tell whether one more dispatch under this policy may be put."""
        return self.room_for_own

    def close(self) -> None:
        """Let nothing more take off."""
        self._closed = True

    async def recover(self, dispatch: Dispatch) -> None:
        """Bring a dispatch of an earlier life to its end (DESIGN section 5, restart)."""
        self._in_flight += 1
        try:
            await self._recover(dispatch)
        finally:
            self._in_flight -= 1

    async def _recover(self, dispatch: Dispatch) -> None:
        runs = await runs_over(self._executions, dispatch.uuid, self._generation)
        if any(run.ended for run in runs):
            await self._land(dispatch, runs, None)
            return
        dispatch = await write(self._store, flight.interrupted(dispatch))
        if self._closed:
            return
        inventory = await self._inventory.fresh()
        planned = await write(self._store, lambda tx: self._planner.replan(tx, dispatch, inventory, time.time()))
        if planned is None:
            await self._land(dispatch, runs, None)
            return
        logger.warning("dispatch %s was cut off and goes out again", dispatch.uuid)
        remove_dispatch(self._executions, dispatch.uuid)
        await self._fly(planned)

    async def fly(self, planned: Planned) -> None:
        """Put a planned dispatch, and wait until it is over and its outcome is written down."""
        self._in_flight += 1
        try:
            await self._fly(planned)
        finally:
            self._in_flight -= 1

    async def _fly(self, planned: Planned) -> None:
        dispatch = planned.dispatch
        lead = planned.members[0]
        try:
            event = dispatch_event(
                lead.case,
                lead.row,
                dispatch,
                max_attempts=planned.policy.attempts.max,
                source_name=self._source_name,
                generation=self._generation,
                reject=False,
            )
        except Rejected as error:
            await write(self._store, flight.suppress(planned, str(error), time.time()))
            return
        hosts = await write(self._store, lambda tx: tx.open_hosts())
        with _what_can_wait("the inventory of cases"):
            self._cases_file.write(hosts)
        logger.info("attempt %d to %s", dispatch.attempt, ", ".join(dispatch.hosts))
        performed = await self._perform(dispatch, event)
        if performed.cut_off:
            return  # the engine is stopping; the next life takes it up
        await self._land(dispatch, await self._runs(dispatch), performed)

    async def _perform(self, dispatch: Dispatch, event: dict) -> Performed:
        noting: list[asyncio.Task] = []

        def began(playbooks: int) -> None:
            noting.append(asyncio.create_task(write(self._store, flight.begun(dispatch.uuid, time.time(), playbooks))))

        performed = await self._engine.perform(event, began)
        await asyncio.gather(*noting)
        return performed

    async def _runs(self, dispatch: Dispatch) -> list[Execution]:
        while True:
            try:
                return read_dispatch(self._executions, dispatch.uuid)
            except OSError as error:
                logger.error("cannot read what became of dispatch %s, trying again in %g s: %s", dispatch.uuid, _READ_AGAIN_SECONDS, error)
                await asyncio.sleep(_READ_AGAIN_SECONDS)

    async def _land(self, dispatch: Dispatch, runs: list[Execution], performed: Performed | None) -> None:
        await write(self._store, lambda tx: self._landing(tx, dispatch, runs, performed, time.time()))
        await self._clear_up()

    async def _clear_up(self) -> None:
        """Remove the files of runs that nobody waits for: of dispatches that are over, and of playbooks that other sources had started."""
        awaited = {dispatch.uuid for dispatch in await write(self._store, lambda tx: tx.unfinished_dispatches())}
        with _what_can_wait("the directory of executions"):
            for uuid in list_dispatches(self._executions) - awaited:
                remove_dispatch(self._executions, uuid)


@contextmanager
def _what_can_wait(what: str) -> Iterator[None]:
    """Log a file that cannot be written or removed now; nothing that matters depends on it."""
    try:
        yield
    except OSError as error:
        logger.error("%s cannot be brought up to date: %s", what, error)
