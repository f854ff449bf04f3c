# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is remembered of one place: how far each entry has read its history, and what is known of its alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.known import Known
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.beginning import start_of

_CURSOR, _ALARM, _BY_STATE = "cursor/", "alarm/", "by state"


class Cursor(NamedTuple):
    """All changes up to a time are done with, but for what appears late; and those before the start are nobody's business."""

    read_to: int
    start: int


class Recollection:
    """What one place's watch remembers. `by_state`: there was no history to read when it looked last."""

    def __init__(self, place: Place, entries: Sequence[Settings], asker: Asker) -> None:
        self.alarms: dict[str, Known] = {}
        self.by_state = False
        self._root = f"alarms/{quote(place.account, safe='')}/{place.region}/"
        self._entries = entries
        self._asker = asker
        self._cursors: dict[str, Cursor] = {}
        self._orphans: dict[str, None] = {}

    async def recall(self) -> None:
        """Take up what was remembered."""
        kept = await self._asker.recall(self._root)
        keys = {entry.key for entry in self._entries}
        for key, text in kept.items():
            if key.startswith(_ALARM):
                self.alarms[key.removeprefix(_ALARM)] = Known.from_text(text)
            elif key.startswith(_CURSOR) and key.removeprefix(_CURSOR) in keys:
                self._cursors[key.removeprefix(_CURSOR)] = Cursor(*json.loads(text))
            elif key.startswith(_CURSOR):
                # Of an entry that is no more: should it come back, it begins anew.
                self._orphans[self._root + key] = None
        self.by_state = _BY_STATE in kept

    def begin(self, now: int) -> None:
        """Have entries that are new begin where they are to; `now` is AWS's time."""
        for entry in self._entries:
            if entry.key not in self._cursors:
                start = start_of(entry.start, now)
                self._cursors[entry.key] = Cursor(start, start)

    def since(self, entry: Settings, read_to: int = 0) -> int:
        """Return the time from which on changes may be new to an entry; with `read_to` when all up to that is done with, too."""
        cursor = _after(self._cursors[entry.key], read_to)
        return max(cursor.start, cursor.read_to - int(entry.overlap_seconds * 1000))

    @property
    def oldest(self) -> int:
        """Return the time from which on the history has to be read."""
        return self.oldest_after(0)

    def oldest_after(self, read_to: int) -> int:
        """Return the same for when all up to a time is done with."""
        return min(self.since(entry, read_to) for entry in self._entries)

    def noting(self, alarms: Mapping[str, Known | None], read_to: int | None = None, by_state: bool | None = None) -> dict[str, str | None]:
        """Return what is to be remembered; when that is written, `note` the same."""
        remember: dict[str, str | None] = dict(self._orphans)
        for name, known in alarms.items():
            if known != self.alarms.get(name):
                remember[f"{self._root}{_ALARM}{name}"] = None if known is None else known.as_text()
        if read_to is not None:
            remember.update((f"{self._root}{_CURSOR}{key}", json.dumps(_after(cursor, read_to))) for key, cursor in self._cursors.items())
        if by_state not in (None, self.by_state):
            remember[self._root + _BY_STATE] = "" if by_state else None
        return remember

    def note(self, alarms: Mapping[str, Known | None], read_to: int | None = None, by_state: bool | None = None) -> None:
        """Know this from now on."""
        self._orphans = {}
        for name, known in alarms.items():
            self.alarms.pop(name, None)
            if known is not None:
                self.alarms[name] = known
        if read_to is not None:
            self._cursors = {key: _after(cursor, read_to) for key, cursor in self._cursors.items()}
        if by_state is not None:
            self.by_state = by_state


def _after(cursor: Cursor, read_to: int) -> Cursor:
    return cursor._replace(read_to=max(cursor.read_to, read_to))
