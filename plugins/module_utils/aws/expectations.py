# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an answer must hold: paths into it, each with the value that is expected there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

WHOLE = "$"
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,9})\]")
_NOTHING = object()
_SHOWN = 120


class InvalidPath(ValueError):
    """A path is not one; the text says which."""


def steps(path: str) -> list[str | int]:
    """Take a path apart: `items[0].name` leads to items, its first, and the name of that; `$` is the whole.

    Raises:
        InvalidPath: it is none.
    """
    if path == WHOLE:
        return []
    found, at = [], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None or (at == 0 and path[0] in ".["):
            break
        found.append(step[1] if step[2] is None else int(step[2]))
        at = step.end()
    if not found or at < len(path):
        raise InvalidPath(f"expected a path such as body.items[0].name, or {WHOLE} for all of it, got {path!r}")
    return found


def unmet(answer: object, expected: Mapping[str, object]) -> list[str]:
    """Return a sentence for each expectation that an answer does not meet.

    Args:
        answer: as JSON has it.
        expected: values by path. A value must be equal and of the same kind: 1 is not true, and "1" is not 1.

    Raises:
        InvalidPath: a path is none.
    """
    found = {path: _at(answer, steps(path)) for path in expected}
    return [
        f"{path} should be {_shown(wanted)} and {'is not there' if found[path] is _NOTHING else f'is {_shown(found[path])}'}"
        for path, wanted in expected.items()
        if found[path] is _NOTHING or not _same(found[path], wanted)
    ]


def _at(answer, path):
    for step in path:
        if isinstance(step, int):
            if not isinstance(answer, list) or step >= len(answer):
                return _NOTHING
        elif not isinstance(answer, Mapping) or step not in answer:
            return _NOTHING
        answer = answer[step]
    return answer


def _same(has, wants):
    if isinstance(has, bool) or isinstance(wants, bool):
        return has is wants
    if isinstance(has, Mapping) and isinstance(wants, Mapping):
        return has.keys() == wants.keys() and all(_same(has[key], wants[key]) for key in wants)
    if isinstance(has, list) and isinstance(wants, list):
        return len(has) == len(wants) and all(_same(one, other) for one, other in zip(has, wants))
    return has == wants


def _shown(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
