# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of composite alarms, and what they come to when the alarms in them change; moto keeps a rule as a text.

The language: Amazon CloudWatch API Reference, "PutCompositeAlarm", parameter AlarmRule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from moto.cloudwatch.exceptions import ValidationError

_TOKEN = re.compile(
    r'\s*(?:(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]*)"|(?P<name>[^)"]*?))\s*\)|(?P<mark>[()]))'
)


def holds(rule: str, state_of: Callable[[str], str | None]) -> bool:
    """Say whether a rule is met.

    Args:
        rule: of a composite alarm.
        state_of: gives the state of an alarm by its name or its ARN, None where there is none: that is an error of the rule.
    """
    tokens = list(_tokens(rule))
    found = _either(tokens, state_of)
    if tokens:
        raise _wrong(rule)
    return found


def names_in(rule: str) -> list[str]:
    """Return the names and ARNs of the alarms in a rule."""
    return [token[1] for token in _tokens(rule) if isinstance(token, tuple)]


def _tokens(rule: str) -> Iterator[str | tuple[str, str]]:
    position = 0
    while rule[position:].strip():
        found = _TOKEN.match(rule, position)
        if not found:
            raise _wrong(rule)
        position = found.end()
        yield (found["state"], found["quoted"] or found["name"]) if found["state"] else found["word"] or found["mark"]


def _either(tokens: list, state_of: Callable[[str], str | None]) -> bool:
    found = _both(tokens, state_of)
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        found = _both(tokens, state_of) or found
    return found


def _both(tokens: list, state_of: Callable[[str], str | None]) -> bool:
    found = _one(tokens, state_of)
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        found = _one(tokens, state_of) and found
    return found


def _one(tokens: list, state_of: Callable[[str], str | None]) -> bool:
    token = tokens.pop(0) if tokens else ""
    if token == "NOT":
        return not _one(tokens, state_of)
    if token == "(":
        found = _either(tokens, state_of)
        if tokens[:1] != [")"]:
            raise _wrong("a rule without a closing parenthesis")
        tokens.pop(0)
        return found
    if token in ("TRUE", "FALSE"):
        return token == "TRUE"
    if not isinstance(token, tuple):
        raise _wrong(str(token))
    state = state_of(token[1])
    if state is None:
        raise _wrong(f"{token[1]} is no alarm")
    return state == token[0]


def _wrong(rule: str) -> ValidationError:
    return ValidationError(f"AlarmRule must be a logical expression of existing alarms: {rule}")
