# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far the change log has been read, and which of its rows are done with, as it is remembered.

A row may appear up to `overlap` after later ones: what has been read within it is known by its id, and what is older is done with.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .change import Change, as_text, time_of

_POSITION = "position"
_SEEN = "seen/"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def not_in_the_future(time: datetime, now: float) -> datetime:
    """Return a time up to which all may be done with: a clock that went wrong once would put all that is to come behind one in the future.

    :param now: seconds since the epoch.
    """
    return min(time, datetime.fromtimestamp(now, UTC))


class Recollection:
    """The place in the change log up to which all is done with, but for what appears late.

    `time` is None before the first start. `newest_id` is the highest id that was read, by which it can be told how many rows are missing.
    """

    def __init__(self, overlap: timedelta) -> None:
        self.time: datetime | None = None
        self.newest_id = 0
        self._overlap = overlap
        self._seen: dict[int, datetime] = {}

    async def recall(self, keeper: Keeper) -> None:
        """Take up what was remembered."""
        if (text := (await keeper.recall_keys([_POSITION])).get(_POSITION)) is not None:
            time, self.newest_id = json.loads(text)
            self.time = time_of(time)
        self._seen = {int(key.removeprefix(_SEEN)): time_of(time) for key, time in (await keeper.recall(_SEEN)).items()}

    @property
    def since(self) -> datetime | None:
        """Return the time from which on rows may be new."""
        return None if self.time is None or self.time == BEGINNING else self.time - self._overlap

    def is_behind(self, change: Change) -> bool:
        """Tell whether a row is at a time that is done with."""
        return self.since is not None and change.time < self.since

    def is_new(self, change: Change) -> bool:
        """Tell whether a row is still to be told of."""
        return change.id not in self._seen and not self.is_behind(change)

    def noting(self, changes: Collection[Change], read_on_to: datetime | None = None) -> dict[str, str | None]:
        """Return what is to be remembered when some rows are done with; when that is written, `note` them.

        :param read_on_to: the time up to which all rows are done with; None when these are only some of them.
        """
        time, newest_id, forgotten = self._after(changes, read_on_to)
        remember: dict[str, str | None] = {f"{_SEEN}{change.id}": as_text(change.time) for change in changes}
        remember.update((f"{_SEEN}{number}", None) for number in forgotten)
        if time is not None and (time, newest_id) != (self.time, self.newest_id):
            remember[_POSITION] = json.dumps([as_text(time), newest_id])
        return remember

    def note(self, changes: Collection[Change], read_on_to: datetime | None = None) -> None:
        """Know that these rows are done with."""
        time, newest_id, forgotten = self._after(changes, read_on_to)
        self._seen.update((change.id, change.time) for change in changes)
        for number in forgotten:
            self._seen.pop(number, None)
        self.time, self.newest_id = time, newest_id

    def _after(self, changes: Collection[Change], read_on_to: datetime | None) -> tuple[datetime | None, int, list[int]]:
        time = max(filter(None, (self.time, read_on_to)), default=None)
        newest_id = max((change.id for change in changes), default=self.newest_id)
        oldest = None if time in (None, self.time) or time == BEGINNING else time - self._overlap
        seen = {**self._seen, **{change.id: change.time for change in changes}} if oldest is not None else {}
        return time, max(newest_id, self.newest_id), [number for number, when in seen.items() if when < oldest]
