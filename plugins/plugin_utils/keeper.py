# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a source of ours may use to hand in events, whether a router hosts it or it stands alone.

Under the router it is the child's queue (router/child_queue.py); on stock ansible-rulebook `alone.for_rules` makes one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from typing import Protocol

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway


class Keeper(Protocol):
    """Where the events of a source go, and where the source has its memory. Keys and values are texts without surrogates."""

    inventory: Inventory

    def confirm_with(self, ask: Callable[[Mapping], Awaitable[str | None]]) -> None:
        """Register who can be asked whether an alert goes on."""

    async def put(self, events: Mapping | Sequence[Mapping]) -> None:
        """Hand in envelopes. Raises IntakeUnavailable, and EventRefused to a request handler."""

    async def keep(self, events: Sequence[Event], remember: Mapping[str, str | None], heard: Sequence[int] = ()) -> None:
        """Hand in events with what the source is to remember from now on; None forgets a key. `heard` are the ids of endings that are dealt with.

        Under the router both are on disk when it returns, or neither; an event whose (source, id) is known is dropped. Alone the rules get the
        events first, and the memory is written after that: a source that is cut off between the two puts them again.

        What is remembered is redacted as events are, where it is JSON.

        Raises IntakeUnavailable when it cannot be written now, and EventRefused, with the event, when one of them can never be taken.
        """

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what the source remembers under keys that begin with a prefix, in the order of the keys. Raises IntakeUnavailable."""

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what the source remembers under some keys; those that it does not have are left out. Raises IntakeUnavailable."""

    async def follow_cases(self) -> None:
        """Have the ends of the source's cases written down for it from now on, in later lives, too, and hear of what begins. Raises IntakeUnavailable."""

    async def finished(self, limit: int = 100, after_id: int = 0) -> list[Finished]:
        """List ends of cases whose newest event is the source's, oldest first, with an id above another; alone there are none.

        Each is listed until `keep` was told that it is dealt with, or retention has deleted its case. A case that was opened again and
        came to an end again is listed once more.

        Raises IntakeUnavailable.
        """

    async def wait_for_finished(self) -> None:
        """Wait until there may be more of them since this was waited for last; alone for ever."""

    async def underway(self, known: Set[int] = frozenset(), limit: int = 100) -> Underway:
        """Return which cases whose newest event is the source's are being worked on: a rule has taken them, and they are not over. Alone there are none.

        :param known: numbers of cases whose newest event is not needed.
        :param limit: how many others are listed with it, oldest first.
        :raises IntakeUnavailable:
        """

    async def wait_for_underway(self) -> None:
        """Wait until there may be more of them since this was waited for last; alone for ever."""

    def trouble(self, where: str, text: str | None) -> None:
        """Have /healthz say what is wrong at a place of the source, which goes on; None: nothing any longer.

        :param where: a short name that stays the same, such as `queues[0]`.
        """

    def close(self) -> None:
        """Say that the source has ended."""
