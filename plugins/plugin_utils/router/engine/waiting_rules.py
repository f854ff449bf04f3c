# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules that take an event later than it was put, and how long to wait for them.

Seen with ansible-rulebook 1.3.2, and checked by tests/integration/test_rules_that_wait.py:

- `once_after` takes the first event of each group when its time is over; others of the group are in no match, ever.
- `once_within` takes an event at once or never, and so does `accumulate_within`: its match carries only the event that reached the threshold.
- `all` takes events as soon as the last one has come, `not_all` when its time is over. Neither takes one that is older than its `timeout`, or
  than the ruleset's `default_events_ttl`, 2 hours where it has none.
- `any` takes an event at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .conditions import Condition, met_by
from .ruleset import ONCE_AFTER, Rule, Ruleset

_DEFAULT_TTL_SECONDS = 7200.0
_MOST_SECONDS = 7200.0
# The engine's clock ticks on its own, and its matches arrive by a socket.
_MARGIN_SECONDS = 5.0
_TIME = re.compile(r"\s*(\d+)\s*(milli|second|minute|hour|day)s?\w*\s*", re.IGNORECASE)
_SECONDS = {"milli": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class WaitingRules:
    """The conditions of rules that wait, and how long each of these does at most, in seconds."""

    conditions: tuple[tuple[Condition, float], ...]

    @classmethod
    def of(cls, ruleset: Ruleset) -> WaitingRules:
        """Find the rules of a ruleset that wait."""
        longest = _seconds(ruleset.events_ttl) or _DEFAULT_TTL_SECONDS
        waits = [(rule, wait) for rule in ruleset.rules if (wait := _wait(rule, longest)) is not None]
        return cls(tuple((condition, wait) for rule, wait in waits for condition in rule.conditions))

    def seconds_for(self, event: Mapping) -> float | None:
        """Return how long a rule may still take an event that none took at once; None: none will."""
        waits = [wait for condition, wait in self.conditions if met_by(condition, event) is not False]
        return min(max(waits), _MOST_SECONDS) + _MARGIN_SECONDS if waits else None


def _wait(rule: Rule, longest: float) -> float | None:
    if rule.when == "not_all" or (rule.when == "all" and len(rule.conditions) > 1):
        return min(_seconds(rule.timeout) or longest, longest)
    if rule.throttle is not None and rule.throttle.kind == ONCE_AFTER:
        return _seconds(rule.throttle.time) or longest
    return None


def _seconds(time: str | None) -> float | None:
    match = _TIME.fullmatch(time or "")
    return int(match[1]) * _SECONDS[match[2].lower()] if match else None
