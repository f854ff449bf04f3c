# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what the history and DescribeAlarms say about one alarm to what is to be told of it: each change once, in order, and the state of now last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.known import Fires, Known, first_known
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import OK


@dataclass(frozen=True, slots=True)
class Telling:
    """A change to be told.

    `again` is the time of a change that came to light after this one was told: what is told last is to be what is. `is_gone`: the alarm was deleted.
    """

    change: Change
    again: int | None = None
    is_gone: bool = False


def follow(known: Known | None, changes: Sequence[Change], fires: Fires, *, more_follow: bool) -> tuple[Known | None, list[Telling]]:
    """Tell of changes of one alarm that the history has, oldest first; those that are done with are among them.

    A change that is older than one that was told before appeared late. It is told, and then what is newest once more.

    :param more_follow: whether later changes are still to be read. Then a problem that may be over by now waits for them.
    """
    tellings: list[Telling] = []
    last = len(changes) - 1
    for number, change in enumerate(changes):
        known = known or first_known(change)
        if (recognised := known.recognised(change)) is not None:
            known = recognised
        elif change.at < known.at:
            tellings.append(Telling(change))
            newest = Change(change.name, known.type, known.state, known.at, change.state, "this is the state since then; an earlier change appeared late")
            known = known.after(change)
            if known.pending is None and newest.state != change.state:
                if more_follow and fires(newest.state):
                    known = replace(known, pending=newest, pending_again=change.at)
                else:
                    tellings.append(Telling(newest, again=change.at))
        else:
            known, told = settle(known)
            tellings += told
            known = known.after(change)
            if more_follow and number == last and fires(change.state):
                known = replace(known, pending=change)
            else:
                tellings.append(Telling(change))
    return known, tellings


def settle(known: Known) -> tuple[Known, list[Telling]]:
    """Tell what has waited for later changes."""
    if known.pending is None:
        return known, []
    return replace(known, pending=None, pending_again=None), [Telling(known.pending, again=known.pending_again)]


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
