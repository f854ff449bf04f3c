# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback: NetBox is told what became of a case, on the object that it is about."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished

from .change import DELETED
from .errors import NetBoxDenied, NetBoxRefused, NetBoxUnavailable, NoSuchEndpoint
from .journal import KINDS, comments_of, is_told, mark_of
from .object_types import PATHS
from .settings import Feedback
from .telling import NOT_READY

if TYPE_CHECKING:
    from .client import NetBox

logger = logging.getLogger(__name__)

_JOURNAL = "extras/journal-entries"
_AT_ONCE = 100
_RECENT_ENTRIES = 50
_MOST_IN_A_ROW = 3  # failures, after which it is NetBox that fails, and not an entry
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 2.0, 300.0


class Reporter:
    """Writes to NetBox's objects, until each end of a case is told of.

    :param name: this source, in entries that several of them write.
    """

    def __init__(self, feedback: Feedback, keeper: Keeper, netbox: NetBox, name: str) -> None:
        self._feedback = feedback
        self._keeper = keeper
        self._netbox = netbox
        self._name = name

    async def run(self) -> None:
        """Tell of the ends of cases, also of those while we were away, until cancelled."""
        failures = 0
        while True:
            try:
                await self._tell_all()
                failures = 0
                await self._keeper.wait_for_finished()
            except (NetBoxUnavailable, NetBoxDenied, IntakeUnavailable) as error:
                pause = _FIRST_PAUSE_SECONDS * 2 ** min(failures, 10)
                pause = _LONGEST_PAUSE_SECONDS if isinstance(error, NetBoxDenied) else min(_LONGEST_PAUSE_SECONDS, pause)
                failures += 1
                level = logging.ERROR if failures == 1 else logging.INFO
                logger.log(level, "netbox: it cannot be told what became of cases: %s; tried again in %.0f s", error, pause)
                await asyncio.sleep(pause)

    async def _tell_all(self) -> None:
        """Tell of all ends. One that NetBox does not take now holds up no other; what it said is raised when the others are told."""
        after, in_a_row = 0, 0
        failure: NetBoxUnavailable | NetBoxDenied | None = None
        while ends := await self._keeper.finished(_AT_ONCE, after):
            for finished in ends:
                after = finished.id
                try:
                    await self._tell(finished)
                except (NetBoxUnavailable, NetBoxDenied) as error:
                    failure, in_a_row = error, in_a_row + 1
                    if in_a_row >= _MOST_IN_A_ROW:
                        raise
                else:
                    in_a_row = 0
                    await self._keeper.keep((), {}, heard=[finished.id])
        if failure is not None:
            raise failure

    async def _tell(self, finished: Finished) -> None:
        data = finished.event.data
        object_type, number = data.get("object_type"), data.get("object", {}).get("id")
        if not is_told(finished) or finished.event.type.endswith(f".{DELETED}") or not isinstance(number, int):
            return
        try:
            if self._feedback.journal:
                await self._write_journal(finished, object_type, number)
            # That a person was told what it lacks says nothing of the state it is in.
            is_of_work = not finished.event.type.endswith(f".{NOT_READY}")
            if is_of_work and object_type in PATHS and (self._feedback.custom_field or self._feedback.tags):
                await self._write_state(finished.case.state, PATHS[object_type], number)
        except (NoSuchEndpoint, NetBoxRefused) as error:  # it is gone, or has no such field
            logger.warning("netbox: case %d: %s", finished.case.id, error)

    async def _write_journal(self, finished: Finished, object_type: str, number: int) -> None:
        assigned = {"assigned_object_type": object_type, "assigned_object_id": number}
        # It may have been written just before we were cut off.
        recent = await self._netbox.page(_JOURNAL, [*assigned.items(), ("ordering", "-created")], _RECENT_ENTRIES)
        if any(mark_of(finished, self._name) in entry.get("comments", "") for entry in recent):
            return
        comments = comments_of(finished, self._name, self._feedback.console)
        await self._netbox.create(_JOURNAL, {**assigned, "kind": KINDS[finished.case.state], "comments": comments})

    async def _write_state(self, state: str, path: str, number: int) -> None:
        thing = await self._netbox.one(path, number)
        changes: dict[str, Any] = {}
        field = self._feedback.custom_field
        if field and _chosen((thing.get("custom_fields") or {}).get(field)) != state:
            changes["custom_fields"] = {field: state}
        if self._feedback.tags:
            own = frozenset(self._feedback.tags.values())
            before = [tag["name"] for tag in thing.get("tags") or ()]
            after = [name for name in before if name not in own] + [name for name in (self._feedback.tags.get(state),) if name]
            if sorted(before) != sorted(after):
                changes["tags"] = [{"name": name} for name in after]
        if changes:
            await self._netbox.change(path, number, changes)


def _chosen(value: Any) -> Any:
    """Return the value of a custom field: what was chosen is written with its label since NetBox 4.7."""
    return value.get("value") if isinstance(value, Mapping) else value
