# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what the history and DescribeAlarms say about one alarm to what is to be told of it: each change once, in order, and the state of now last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.known import Fires, Held, Known, first_known
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import OK

# What waits is written anew with each page, and where too little data is a problem, too, an alarm may go to and fro for long without being over.
_MOST_HELD = 10


@dataclass(frozen=True, slots=True)
class Telling:
    """A change to be told.

    `again`: it was told before, but an older change, of this time, has come to light since. It is told once more, so that the state of now is told last.
    `is_gone`: the alarm was deleted.
    """

    change: Change
    again: int | None = None
    is_gone: bool = False


def follow(known: Known | None, changes: Sequence[Change], fires: Fires, *, more_follow: bool) -> tuple[Known | None, list[Telling]]:
    """Return what is known after some changes of one alarm, and what is to be told of them.

    A change that is older than one that was told has appeared late. It is told, and after it the newest one once more.

    :param changes: as the history has them, oldest first; some may be done with.
    :param more_follow: whether later changes are still to be read. Then a problem that may be over by now waits for them.
    """
    tellings: list[Telling] = []
    if known is not None:
        known, tellings = settle(known)
    for change in changes:
        known = known or first_known(change)
        if (recognised := known.recognised(change)) is not None:
            known = recognised
        elif change.at < known.at:
            is_newest_to_come = any(telling.change.at >= known.at for telling in tellings)
            tellings.append(Telling(change))
            if not is_newest_to_come and known.state != change.state:
                reason = "this is the state since then; an earlier change appeared late"
                tellings.append(Telling(Change(change.name, known.type, known.state, known.at, change.state, reason), again=change.at))
            known = known.after(change)
        else:
            known = known.after(change)
            tellings.append(Telling(change))
    tellings.sort(key=lambda telling: telling.change.at)
    return _hold(known, tellings, fires) if more_follow else (known, tellings)


def settle(known: Known) -> tuple[Known, list[Telling]]:
    """Tell what has waited for later changes."""
    return replace(known, pending=()), [Telling(held.change, again=held.again) for held in known.pending]


def _hold(known: Known | None, tellings: Sequence[Telling], fires: Fires) -> tuple[Known | None, list[Telling]]:
    """Have the last ones wait, as far as they are problems: what was deleted and made anew may fire twice in a row."""
    first = len(tellings)
    while first > max(0, len(tellings) - _MOST_HELD) and fires(tellings[first - 1].change.state):
        first -= 1
    held = tuple(Held(telling.change, telling.again) for telling in tellings[first:])
    return known and replace(known, pending=held), list(tellings[:first])


def compare(
    known: Known | None, alarm: Alarm, fires: Fires, *, has_news: bool = False, by_state_only: bool = False, is_quiet: bool = False
) -> tuple[Known | None, list[Telling]]:
    """Tell what DescribeAlarms shows of an alarm and nobody has told: its word is the last.

    :param has_news: whether changes of the alarm were read after DescribeAlarms was asked.
    :param by_state_only: whether there is no history to read.
    :param is_quiet: whether states that are no problem are only noted, because nobody knows since when they are.
    """
    if known is None:
        if not fires(alarm.state) and (not by_state_only or alarm.state == OK):
            return None, []
        change = _shown(alarm, None)
        known = Known(alarm.type, alarm.state, alarm.at).after(change, by_state=True)
        return known, [] if is_quiet and not fires(alarm.state) else [Telling(change)]
    if alarm.state == known.state:
        # That it was another one meanwhile shows in the time alone.
        is_repeated = by_state_only and alarm.is_exact and alarm.at > known.at and fires(alarm.state)
        return _told(known, alarm) if is_repeated else (known, [])
    return (known, []) if has_news and alarm.at <= known.at else _told(known, alarm)


def bury(known: Known, name: str, fires: Fires, now: int) -> tuple[Known, list[Telling]]:
    """Tell that an alarm which was a problem is no more: nothing else will."""
    change = Change(name, known.type, OK, now, known.state, "the alarm was deleted")
    return known.after(change, by_state=True), [Telling(change, is_gone=True)] if fires(known.state) else []


def _told(known: Known, alarm: Alarm) -> tuple[Known, list[Telling]]:
    change = _shown(alarm, known.state)
    again = known.at if known.has_told(change) else None
    return known.after(change, by_state=True), [Telling(change, again=again)]


def _shown(alarm: Alarm, previous: str | None) -> Change:
    return Change(alarm.name, alarm.type, alarm.state, alarm.at, previous, alarm.reason)
