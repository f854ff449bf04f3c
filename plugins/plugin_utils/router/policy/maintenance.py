# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Maintenance windows: times at which some hosts are left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.duration import duration_schema, seconds

from .matching import Subject, matches

try:
    from croniter import CroniterBadDateError, croniter
except ImportError:  # only those who have windows need it
    croniter = None

_HOST = {"type": "string", "minLength": 1, "maxLength": 253}
WINDOWS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "default": [],
    "items": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 100},
            "start": {"type": "string", "minLength": 1, "expected": "a cron expression of five fields such as 0 2 * * 6"},
            "duration": duration_schema(minimum=60, maximum=31 * 86_400),
            "hosts": {"type": "array", "items": _HOST, "minItems": 1},
            "timezone": {"type": "string", "default": "UTC"},
        },
        "required": ["start", "duration"],
    },
}


@dataclass(frozen=True)
class Window:
    """A time that comes again: it starts by a cron expression in a time zone and lasts `duration` seconds.

    `hosts` are names, in which `*` stands for anything; none are all.
    """

    start: str
    duration: float
    hosts: tuple[str, ...] = ()
    timezone: str = "UTC"
    name: str = ""

    def ends_at(self, now: float) -> float | None:
        """Return when the window that is open now closes, or None when none is open."""
        # get_prev leaves out the very moment that it is asked for.
        moment = datetime.fromtimestamp(now + 1, ZoneInfo(self.timezone))
        began = croniter(self.start, moment).get_prev(datetime).timestamp()
        end = began + self.duration
        return end if began <= now < end else None

    def covers(self, subject: Subject) -> bool:
        """Tell whether a case is about one of the window's hosts."""
        return not self.hosts or matches({"host": self.hosts}, subject)

    def __str__(self) -> str:
        return self.name or f"{self.start} ({self.timezone})"


def open_window(windows: Sequence[Window], subject: Subject, now: float) -> tuple[Window, float] | None:
    """Return the window that keeps a case from being acted upon now, and when it closes: of several the one that closes last."""
    found = [(window, end) for window in windows if window.covers(subject) and (end := window.ends_at(now)) is not None]
    return max(found, key=lambda each: each[1], default=None)


def read_windows(given: Sequence[Mapping], where: str, mistakes: Mistakes) -> tuple[Window, ...]:
    """Make windows from what the schema has checked; what is wrong with their cron expressions and time zones goes to `mistakes`."""
    windows = []
    for number, each in enumerate(given):
        place = f"{where}[{number}]"
        length = seconds(each["duration"])
        if length < 60:
            mistakes.add(f"{place}.duration", f"must be at least 60 s, got {each['duration']}")
        if _is_right(each, place, mistakes):
            windows.append(Window(each["start"], length, tuple(each.get("hosts", ())), each.get("timezone", "UTC"), each.get("name", "")))
    return tuple(windows)


def _ever_comes(start: str) -> bool:
    try:
        croniter(start, datetime(2026, 1, 1)).get_prev(datetime)
    except CroniterBadDateError:
        return False
    return True


def _is_right(given: Mapping, place: str, mistakes: Mistakes) -> bool:
    if croniter is None:
        mistakes.add(place, "needs the Python package croniter on the controller: pip install croniter")
        return False
    right = True
    if len(given["start"].split()) != 5 or not croniter.is_valid(given["start"]):
        mistakes.add(f"{place}.start", f"must be a cron expression of five fields such as 0 2 * * 6, got {given['start']!r}")
        right = False
    elif not _ever_comes(given["start"]):
        mistakes.add(f"{place}.start", f"must be a cron expression of a day that there is, got {given['start']!r}")
        right = False
    try:
        ZoneInfo(given.get("timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.add(f"{place}.timezone", f"must be a time zone such as UTC or Europe/Berlin, got {given['timezone']!r}")
        right = False
    return right
