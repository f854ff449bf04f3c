# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router: it takes events from its children, follows their cases, and feeds the engine.

This file is the conversation between the parts. What is decided stands in policy/, what is written down in cases/,
what ansible-rulebook is like inside in engine/internals.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, InventoryError, Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import AWAITING_APPROVAL, DISPATCHED, OPEN, RUNNING, WAITING

from .bell import Bell
from .cases.confirmation import settle_overdue
from .cases.flight import Planned
from .cases.look import Later, Traffic
from .cases.planning import Again, Planner
from .cases.upkeep import Swept, Upkeep
from .config import RouterConfig
from .correlating import Correlator
from .dispatching import Dispatcher
from .engine.engine import Engine
from .persistence import write
from .retention import keep_for
from .supervision import Child, supervise

logger = logging.getLogger(__name__)

# Senders wait while cases are written: after a round of many events they get three times as long, up to a bound.
_MANY = 50
_REST_FACTOR = 3.0
_LONGEST_REST_SECONDS = 0.3
_LEAST_INTERVAL_SECONDS = 0.02
_LOOK_AROUND_SECONDS = 1.0  # while the engine has room for nothing more
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class NoLocalhost(InventoryError):
    """The inventory has no localhost, where dispatches about no host run."""


class Router:
    """One router, from start to drain.

    :param children: the sources that it hosts; empty when event filters do the intake.
    :param bell: is rung when events have been accepted.
    :param shutdown_delay: seconds that running playbooks get when the router is told to stop.
    """

    def __init__(
        self,
        config: RouterConfig,
        store: Store,
        inventory: Inventory,
        engine: Engine,
        planner: Planner,
        dispatcher: Dispatcher,
        children: Sequence[Child],
        bell: Bell,
        *,
        shutdown_delay: float,
    ) -> None:
        self._config = config
        self._store = store
        self._inventory = inventory
        self._engine = engine
        self._planner = planner
        self._upkeep = Upkeep(config.policy)
        self._dispatcher = dispatcher
        self._correlator = Correlator(store, inventory, config.policy, planner.reads)
        self._looked_around_at = 0.0
        self._children = tuple(children)
        self._shutdown_delay = shutdown_delay
        self._loop = asyncio.get_running_loop()
        self._bell = bell
        self._stopping = asyncio.Event()
        self._engine_is_ready = False
        self._flights: set[asyncio.Task] = set()
        self._settling: asyncio.Future = self._loop.create_future()
        self._settling.set_result(None)  # nothing is being settled yet

    async def run(self) -> None:
        """Run until the children have finished and nothing is left to do, or until a signal says stop.

        Raises InventoryError when the inventory cannot be used.
        """
        self._catch_signals()
        try:
            async with asyncio.TaskGroup() as group:
                await self._serve(group)
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the first one ended the group

    @property
    def takes_dispatches(self) -> bool:
        """Tell whether what is due is put to the engine: it is there, and the router is not stopping."""
        return self._engine_is_ready and not self._stopping.is_set()

    async def _serve(self, group: asyncio.TaskGroup) -> None:
        children = [group.create_task(supervise(child), name=f"eventops child {child.config.name}") for child in self._children]
        routing = group.create_task(self._route(group, children))
        cleaning = group.create_task(keep_for(self._store, self._config.retention), name="eventops retention")
        await self._until_stopping_or_done(routing)
        for task in (*children, routing, cleaning, self._settling):
            task.cancel()
        await self._drain()
        for task in self._flights:
            task.cancel()

    async def _route(self, group: asyncio.TaskGroup, children: Sequence[asyncio.Task]) -> None:
        await self._require_localhost(await self._inventory.load())
        await self._engine.ready()
        self._catch_signals()  # the JVM has put its own handlers in place of ours
        for dispatch in await write(self._store, lambda tx: tx.unfinished_dispatches()):
            self._track(group, self._dispatcher.recover(dispatch))
        self._engine_is_ready = True
        for child in children:
            child.add_done_callback(self._bell.ring)
        monitors = {child.config.name: child.queue for child in self._children}
        looked_at, swept = 0.0, Swept()
        while not (children and all(child.done() for child in children) and await self._idle()):
            # While senders press, more events are looked at together, at less cost for each; the first one after a silence is not kept waiting.
            await asyncio.sleep(max(0.0, looked_at + _LEAST_INTERVAL_SECONDS - self._loop.time()))
            looked_at = self._loop.time()
            self._bell.reset()
            correlated = await self._correlator.round()
            inventory = await self._inventory.fresh()
            swept = await self._sweep(inventory, swept)
            look_again_at = await self._plan(group, inventory)
            agenda = await write(self._store, lambda tx: _Agenda.of(tx, time.time()))
            if agenda.overdue and self._settling.done():
                self._settling = group.create_task(settle_overdue(self._store, monitors, self._config.policy))
                self._settling.add_done_callback(self._bell.ring)
            if correlated > _MANY:
                await asyncio.sleep(min(_LONGEST_REST_SECONDS, _REST_FACTOR * (self._loop.time() - looked_at)))
            due = [each for each in (agenda.next_due, look_again_at) if each is not None]
            if not agenda.news:
                await self._bell.wait(max(0.0, min(due) - time.time()) if due else None)

    async def _plan(self, group: asyncio.TaskGroup, inventory: Snapshot) -> float | None:
        """Send off whatever may go and the engine has room for; return when to look again if more of the same may come until then."""
        look_around = self._loop.time() >= self._looked_around_at + _LOOK_AROUND_SECONDS
        if look_around:
            self._looked_around_at = self._loop.time()
        while True:
            alone = self._dispatcher.idle and self._correlator.arrivals.alone(time.time())
            traffic = Traffic(self._correlator.arrivals.last, alone, self._dispatcher.room, self._dispatcher.room_for_own, look_around)
            match await write(self._store, partial(self._planner, inventory=inventory, traffic=traffic, now=time.time())):
                case Planned() as planned:
                    self._track(group, self._dispatcher.fly(planned))
                    await asyncio.sleep(0)  # it takes its place
                case Again():
                    pass
                case Later(at):
                    return at
                case None:
                    return None

    async def _sweep(self, inventory: Snapshot, swept: Swept) -> Swept:
        while (swept := await write(self._store, partial(self._upkeep, inventory=inventory, swept=swept, now=time.time()))).more:
            pass
        return swept

    async def _idle(self) -> bool:
        """Tell whether nothing is left that this life could still do; what waits for a monitor waits in the store."""

        def look(tx: Transaction) -> bool:
            return not tx.unhandled_events(1) and not {OPEN, AWAITING_APPROVAL, WAITING, DISPATCHED, RUNNING} & tx.count_unfinished().keys()

        return not self._flights and await write(self._store, look)

    def _track(self, group: asyncio.TaskGroup, journey) -> None:
        task = group.create_task(journey)
        self._flights.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task) -> None:
        self._flights.discard(task)
        self._bell.ring()

    async def _until_stopping_or_done(self, routing: asyncio.Task) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stopping, routing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()

    async def _drain(self) -> None:
        """Give what is in flight its time; then have the engine cancel it. It is taken up after the next start."""
        self._dispatcher.close()
        if self._flights:
            logger.warning("stopping: %d dispatch(es) in flight get %g s", len(self._flights), self._shutdown_delay)
            _landed, late = await asyncio.wait(self._flights, timeout=self._shutdown_delay)
            if late:
                await self._engine.stop_now()

    async def _require_localhost(self, inventory: Snapshot) -> None:
        if self._config.inventory is not None and inventory.resolve("localhost") is None:
            raise NoLocalhost(
                f"inventory: {self._config.inventory} has no host localhost, where dispatches about no host run; add it, for example "
                "the line: localhost ansible_connection=local"
            )

    def _catch_signals(self) -> None:
        for number in _SIGNALS:
            self._loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: int) -> None:
        if self._stopping.is_set():
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self._stopping.set()


@dataclass(frozen=True)
class _Agenda:
    """What there is to do beside planning: events of our own that planning raised, cases whose monitor is late, and when there will be more."""

    news: bool
    overdue: bool
    next_due: float | None

    @classmethod
    def of(cls, tx: Transaction, now: float) -> _Agenda:
        return cls(bool(tx.unhandled_events(1)), bool(tx.overdue_cases(now, 1)), tx.next_due(now))
