# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The newest change of each alarm that was told. A queue promises no order, unless it is a FIFO queue, and what was in hand comes again late.

An alarm's end that is older than its newest beginning closes nothing, and a beginning that is older than its end opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import MONITOR
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

_PREFIX = "newest/"
# SNS tries to reach a queue for 23 days, which keeps a message for 14, as does the one for dead letters, from which it is put back for as long again: 65.
# (Amazon SNS Developer Guide, "message delivery retries"; Amazon SQS Developer Guide, "MessageRetentionPeriod".)
_NOTHING_COMES_AFTER = timedelta(days=90)
_CLOCKS_MAY_DIFFER = timedelta(seconds=300)  # those of AWS's own services


class Newest:
    """What the store remembers of alarms."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def told(self, alarms: Iterable[str]) -> dict[str, str]:
        """Return the time of the newest change of some alarms that was told, by the alarm. Raises IntakeUnavailable."""
        found = await self._keeper.recall_keys([f"{_PREFIX}{alarm}" for alarm in alarms])
        return {key.removeprefix(_PREFIX): time for key, time in found.items()}

    async def old(self, now: datetime) -> list[str]:
        """Return the alarms that no message can come late for any more. Raises IntakeUnavailable."""
        return [key.removeprefix(_PREFIX) for key, time in (await self._keeper.recall(_PREFIX)).items() if _is_old(time, now)]

    async def forget_old(self, alarms: Iterable[str], now: datetime) -> None:
        """Forget those of some alarms that are old still. Raises IntakeUnavailable."""
        told = await self.told(alarms)
        await self._keeper.keep([], {f"{_PREFIX}{alarm}": None for alarm, time in told.items() if _is_old(time, now)})


def _is_old(time: str, now: datetime) -> bool:
    return datetime.fromisoformat(time) < now - _NOTHING_COMES_AFTER


def alarm_of(event: Event) -> str | None:
    """Return by what an alarm of CloudWatch is known; None for an event that is about none."""
    known_by = event.data.get("fingerprint")
    is_alarm = event.data.get("monitor") == MONITOR and isinstance(known_by, str) and known_by and event.source.startswith("aws:")
    return known_by if is_alarm else None


def alarms_of(events: Iterable[Event]) -> list[str]:
    """Return the alarms that some events are about, each once."""
    return list(dict.fromkeys(alarm for alarm in map(alarm_of, events) if alarm is not None))


def too_late(events: Sequence[Event], told: Mapping[str, str]) -> str | None:
    """Say why events are not to be told: a newer change of their alarm was. None where they are."""
    for event in events:
        newer = told.get(alarm_of(event) or "")
        if newer is not None and datetime.fromisoformat(event.time) < datetime.fromisoformat(newer):
            return f"{event.data.get('state')} at {event.time} comes too late: a newer change of the alarm, at {newer}, was told before"
    return None


def require_past(event: Event, sent_at: str | None) -> None:
    """Refuse a change of an alarm that was yet to come when SQS got the message: remembered as the newest, it would hold back all that really come.

    :param sent_at: by SQS's clock; None where that is not known.
    :raises InvalidEvent: when it is one.
    """
    if sent_at is None or alarm_of(event) is None:
        return
    if datetime.fromisoformat(event.time) > datetime.fromisoformat(sent_at) + _CLOCKS_MAY_DIFFER:
        raise InvalidEvent(f"time: must not be after the message was sent, at {sent_at}, got {event.time}: no alarm tells of what is yet to come")


def to_remember(events: Iterable[Event]) -> dict[str, str]:
    """Return what is to be remembered of events that are told, in their order."""
    return {f"{_PREFIX}{alarm}": event.time for event in events if (alarm := alarm_of(event)) is not None}
