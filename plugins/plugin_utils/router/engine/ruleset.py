# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ruleset that a router feeds, as values: what of it the router must know.

Rules that are disabled are not among them. Times are written as in the rulebook, such as `10 seconds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .conditions import Condition

ONCE_WITHIN, ONCE_AFTER, ACCUMULATE_WITHIN = "once_within", "once_after", "accumulate_within"


@dataclass(frozen=True)
class Throttle:
    """A rule's throttle: its kind, its time, what it groups by, and how many events it accumulates."""

    kind: str
    time: str
    group_by: tuple[str, ...]
    threshold: int | None = None


@dataclass(frozen=True)
class Action:
    """An action with its arguments, templates in them."""

    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Rule:
    """A rule: `when` is all, any or not_all of its conditions."""

    name: str
    when: str
    conditions: tuple[Condition, ...]
    actions: tuple[Action, ...]
    timeout: str | None = None
    throttle: Throttle | None = None


@dataclass(frozen=True)
class Ruleset:
    """A ruleset; `parallel`: its actions run at the same time; `events_ttl` is how long the engine keeps an event for a rule that needs several."""

    name: str
    parallel: bool
    rules: tuple[Rule, ...]
    events_ttl: str | None = None


def var_roots(rule: Rule) -> tuple[str, ...]:
    """List the paths of what a rule's actions get in the place of the event."""
    given = [action.arguments["var_root"] for action in rule.actions if action.arguments.get("var_root")]
    return tuple(dict.fromkeys(str(root) for each in given for root in (each if isinstance(each, Mapping) else (each,))))
