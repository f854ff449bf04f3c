# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The queue that the router gives to a child source: `put` returns once the events are safe on disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.memory import Memory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway

from .condition import Condition, without_secrets
from .config import ChildConfig
from .endings import Endings
from .news import Subscribe
from .work_begun import WorkBegun

logger = logging.getLogger(__name__)

Filter = Callable[..., object]
Confirm = Callable[[Mapping], Awaitable[str | None]]


class ChildQueue:
    """What a source needs of a queue (`put`, `put_nowait`), and what our own sources may use beside it: see `keeper.Keeper`.

    `inventory` is the router's, and `condition` says how the child fares. With `confirm_with` a source that is a monitor offers to be asked about an alert that
    it has not confirmed as resolved.

    :param subscribe: has a function called on the event loop with what was committed to the store.
    """

    def __init__(
        self,
        child: ChildConfig,
        filters: Sequence[tuple[Filter, Mapping]],
        intake: Intake,
        inventory: Inventory,
        subscribe: Subscribe = lambda callback: None,
    ) -> None:
        self.inventory = inventory
        self.confirm: Confirm | None = None
        self.condition = Condition()
        self.main_task: asyncio.Task | None = None  # the child's own: what is raised there ends the child
        self._child = child
        self._filters = filters
        self._intake = intake
        self._memory = Memory(intake.store, child.name)
        self._endings = Endings(intake.store, child.name, subscribe)
        self._begun = WorkBegun(intake.store, child.name, subscribe)

    def confirm_with(self, ask: Confirm) -> None:
        """Register who can be asked: the function gets the event's mapping and returns resolved, firing or None."""
        self.confirm = ask

    async def put(self, data: object) -> None:
        """Take events in. Raises IntakeUnavailable, and EventRefused to a request handler (the child itself goes on)."""
        try:
            await self._intake.take(self._filtered(data), **self._reading)
        except EventRefused as refused:
            self._answer(refused)

    def put_nowait(self, data: object) -> None:
        """Take events in and block until they are on disk."""
        try:
            self._intake.take_now(self._filtered(data), **self._reading)
        except EventRefused as refused:
            self._answer(refused)

    async def keep(self, events: Sequence[Event], remember: Mapping[str, str | None], heard: Sequence[int] = ()) -> None:
        """Take events of a source of ours in, with what it remembers. Raises IntakeUnavailable and EventRefused, always: the source is to know."""
        self._require_no_filters()
        await self._intake.keep(events, remember, child=self._child.name, heard=heard)

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what the source remembers under keys with a prefix. Raises IntakeUnavailable."""
        self._require_no_filters()
        return await self._memory.recall(prefix)

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what the source remembers under some keys. Raises IntakeUnavailable."""
        self._require_no_filters()
        return await self._memory.recall_keys(keys)

    async def follow_cases(self) -> None:
        """Have the ends of the source's cases written down for it from now on. Raises IntakeUnavailable."""
        self._begun.follow()
        await self._endings.follow()

    async def finished(self, limit: int = 100, after_id: int = 0) -> list[Finished]:
        """List the ends of cases that the source has not heard of, oldest first. Raises IntakeUnavailable."""
        return await self._endings.finished(limit, after_id)

    async def wait_for_finished(self) -> None:
        """Wait until a case of the source has come to an end since this was waited for last."""
        await self._endings.wait()

    async def underway(self, known: Set[int] = frozenset(), limit: int = 100) -> Underway:
        """Return which cases of the source are being worked on. Raises IntakeUnavailable."""
        return await self._begun.underway(known, limit)

    async def wait_for_underway(self) -> None:
        """Wait until work on a case of the source has begun since this was waited for last."""
        await self._begun.wait()

    def trouble(self, where: str, text: str | None) -> None:
        """Note what is wrong at a place of the source, or that nothing is any longer."""
        if text is None:
            self.condition.troubles.pop(where, None)
        else:
            self.condition.troubles[where] = without_secrets(text, dict(self._child.args))

    def close(self) -> None:
        """Do nothing: the memory is the router's."""

    def qsize(self) -> int:
        return 0

    def empty(self) -> bool:
        return True

    def full(self) -> bool:
        return False

    @property
    def _reading(self) -> dict:
        return {"child": self._child.name, "adapter": self._child.adapter, "settings": self._child.adapter_settings}

    def _filtered(self, data: object) -> list:
        events = data if isinstance(data, list) else [data]
        for function, arguments in self._filters:
            passed = [function(event, **arguments) for event in events]
            events = [event for result in passed for event in (result if isinstance(result, list) else [result])]
        return events

    def _require_no_filters(self) -> None:
        if self._filters:
            # What they leave out would count as handed in, and what they add would not be known again.
            raise ConfigurationError([("filters", "this source keeps its own account of what it has handed in, so its events pass no filters; remove them")])

    def _answer(self, refused: EventRefused) -> None:
        # A refusal is an answer for whoever sent it. Where the child reads on its own account there is nobody to
        # answer, and ending the child would only bring the same event again.
        logger.warning("%s: event refused: %s", self._child.name, refused)
        if asyncio.current_task() is not self.main_task:
            raise refused
