# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Conditions of rules, in the form in which ansible-rulebook gives them to its engine: what they read, and whether an event may meet one.

`event.type == "a"` is `{"EqualsExpression": {"lhs": {"Event": "type"}, "rhs": {"String": "a"}}}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

Condition = Mapping[str, object]

# A step that is a position in a list is None.
Steps = Sequence[str | None]

_STEP = re.compile(r"""\.(?P<name>[^\W\d]\w*)|\["(?P<double>[^"]*)"\]|\['(?P<single>[^']*)'\]|\[(?P<index>[+-]?\d+)\]""")
_OF_THIS = ("Event", "Fact")  # an event meets a condition on facts as well
_OF_OTHERS = ("Events", "Facts")  # with the name of the other event as the first step
_MISSING = object()


def steps_of(path: str) -> list[str | None] | None:
    """Take a path apart, such as `data.labels["a b"][0]`; None when it is written in a way that this does not know."""
    text = path if path.startswith("[") else f".{path}"
    steps = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        steps.append(next((match[group] for group in ("name", "double", "single") if match[group] is not None), None))
        at = match.end()
    return steps


def read_by(condition: object) -> Iterator[Steps | None]:
    """Yield the paths that a condition reads, of its own event or of another; None for one that this cannot take apart.

    The name that `events.first << ...` gives to an event is not read.
    """
    if isinstance(condition, Mapping):
        for kind, value in condition.items():
            if kind in _OF_THIS and isinstance(value, str):
                yield steps_of(value)
            elif kind in _OF_OTHERS and isinstance(value, str):
                steps = steps_of(value)
                yield steps and steps[1:]
            else:
                yield from read_by(value["rhs"] if kind == "AssignmentExpression" else value)
    elif isinstance(condition, (list, tuple)):
        for part in condition:
            yield from read_by(part)


def met_by(condition: Condition, event: Mapping) -> bool | None:
    """Tell whether an event meets a condition; None where only the engine knows."""
    (kind, value), *_more = condition.items()
    match kind:
        case "Boolean":
            return value is True
        case "AssignmentExpression":
            return met_by(value["rhs"], event)
        case "NegateExpression":
            met = met_by(value, event)
            return None if met is None else not met
        case "AndExpression":
            both = {met_by(value["lhs"], event), met_by(value["rhs"], event)}
            return False if False in both else None if None in both else True
        case "OrExpression":
            both = {met_by(value["lhs"], event), met_by(value["rhs"], event)}
            return True if True in both else None if None in both else False
        case "EqualsExpression":
            return _is_text(value["lhs"], value["rhs"], event)
        case "ItemInListExpression" if isinstance(value["rhs"], list):
            each = {_is_text(value["lhs"], item, event) for item in value["rhs"]}
            return True if True in each else None if None in each else False
    return None


def _is_text(left: Condition, right: Condition, event: Mapping) -> bool | None:
    """Tell whether what is read on the left is the text on the right."""
    text = right.get("String")
    path = next((left[kind] for kind in _OF_THIS if kind in left), None)
    steps = steps_of(path) if isinstance(path, str) else None
    if not isinstance(text, str) or steps is None or None in steps:
        return None
    value: object = event
    for step in steps:
        value = value.get(step, _MISSING) if isinstance(value, Mapping) else _MISSING
    if value is _MISSING:
        return False
    return value == text if isinstance(value, str) else None
