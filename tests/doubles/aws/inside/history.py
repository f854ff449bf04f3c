# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What CloudWatch remembers of alarms, by account and region: in the order of time, whatever the order in which it came."""

from __future__ import annotations

import bisect
import itertools
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, order=True)
class Item:
    """An entry of the history; `visible_at` (seconds since the epoch) is when CloudWatch begins to show it."""

    timestamp: datetime
    number: int
    alarm_name: str = field(compare=False)
    alarm_type: str = field(compare=False)
    history_item_type: str = field(compare=False)
    history_summary: str = field(compare=False)
    history_data: str = field(compare=False)
    visible_at: float = field(compare=False, default=0.0)

    @property
    def key(self) -> tuple[datetime, int]:
        """Return what orders the entries; two of one millisecond keep their order."""
        return (self.timestamp, self.number)


class History:
    """The history of all alarms of an account in a region; it outlives them, as the API reference says of DescribeAlarmHistory."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def add(self, timestamp: datetime, name: str, alarm_type: str, kind: str, summary: str, data: str, visible_in: float = 0.0) -> None:
        """Remember something that happened, perhaps long ago; it is shown after `visible_in` seconds."""
        with self._lock:
            item = Item(timestamp, next(self._numbers), name, alarm_type, kind, summary, data, time.time() + visible_in if visible_in else 0.0)
            bisect.insort(self._items, item)

    def between(self, start: datetime | None, end: datetime | None) -> list[Item]:
        """Return what happened from one time to another, both included, and is shown by now; the oldest first."""
        with self._lock:
            first = bisect.bisect_left(self._items, start, key=lambda item: item.timestamp) if start else 0
            last = bisect.bisect_right(self._items, end, key=lambda item: item.timestamp) if end else len(self._items)
            now = time.time()
            return [item for item in self._items[first:last] if item.visible_at <= now]


_histories: dict[tuple[str, str], History] = defaultdict(History)


def history_of(account: str, region: str) -> History:
    """Return the history of an account's alarms in a region."""
    return _histories[account, region]


def forget() -> None:
    """Forget everything."""
    _histories.clear()
