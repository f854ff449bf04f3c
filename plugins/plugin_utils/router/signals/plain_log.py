# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the router decides, in the log of ansible-rulebook: a line for people who watch it, beside the JSON log for machines.

What needs a person is a warning. All else is there with `-v`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    CASE_CHANGED,
    CASE_OPENED,
    EXHAUSTED,
    PAUSE_BEGAN,
    PAUSE_ENDED,
    STORM_BEGAN,
    STORM_ENDED,
    STORM_RELEASED,
    SUPPRESSED,
    UNMATCHED,
    Change,
)

logger = logging.getLogger(__name__)

_LONGEST = 300
# A sender may make up any number of hosts that nobody knows, and events that no rule takes: one line a minute says so.
_SELDOM_SECONDS = 60.0
_SELDOM = frozenset({SUPPRESSED, UNMATCHED})
_ALWAYS = frozenset({EXHAUSTED, AWAITING_APPROVAL})
_OF_ALL = frozenset({PAUSE_BEGAN, PAUSE_ENDED, STORM_BEGAN, STORM_RELEASED, STORM_ENDED})


class PlainLog:
    """A subscriber of the hub, on the event loop like every log line of ansible-rulebook."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said_at: dict[str, float] = {}

    def __call__(self, changes: Sequence[Change]) -> None:
        for change in changes:
            level = self._level(change)
            if level is not None and logger.isEnabledFor(level):
                logger.log(level, "%s", _line(change))

    def _level(self, change: Change) -> int | None:
        if change.action in _OF_ALL:
            return logging.WARNING
        if change.case is None or change.action not in (CASE_OPENED, CASE_CHANGED):
            return None
        state = change.case.state
        if state in _ALWAYS or (state in _SELDOM and self._is_time_for(state)):
            return logging.WARNING
        return logging.INFO

    def _is_time_for(self, state: str) -> bool:
        now = self._clock()
        if now - self._said_at.get(state, -_SELDOM_SECONDS) < _SELDOM_SECONDS:
            return False
        self._said_at[state] = now
        return True


def _line(change: Change) -> str:
    case = change.case
    if case is None:
        return _readable(f"{change.action.replace('-', ' ')} by {change.by}: {change.why}")
    # Of a host that nobody knows nothing is done anywhere, on localhost neither.
    hosts = case.hosts if case.state == SUPPRESSED else case.target_hosts
    about = f"{case.name or case.type} on {', '.join(hosts[:5])}" if hosts else case.name or case.type
    return _readable(f"case {case.id}, {about}: {case.state.replace('_', ' ')}: {change.why or case.reason}")


def _readable(text: str) -> str:
    """Keep to one line, whatever a sender has written."""
    return "".join(character if character.isprintable() else " " for character in text[:_LONGEST])
