# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Matching: which cases an override, a pause or a maintenance window means, by a few attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

FIELDS = ("type", "name", "kind", "severity", "subject", "host", "child", "dedup_key")

_PATTERN = {"type": "string", "minLength": 1, "maxLength": 1024}
MATCH_SCHEMA: Mapping = {
    "type": "object",
    "additionalProperties": False,
    "properties": {field: {"anyOf": [_PATTERN, {"type": "array", "items": _PATTERN, "minItems": 1}]} for field in FIELDS},
    "expected": f"a mapping of {', '.join(FIELDS)} to a text, or a list of texts, in which * stands for anything",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be matched: a case with the hosts that it is about now."""

    type: str
    name: str
    kind: str
    severity: str
    subject: str
    hosts: tuple[str, ...]
    child: str
    dedup_key: str


def matches(match: Mapping[str, object], subject: Subject) -> bool:
    """Tell whether every field of a match fits; an empty match fits everything.

    A value fits when it is equal to one of the texts, or to a pattern with `*`, `?` or `[...]` among them. `host` fits when
    any of the hosts does.
    """
    return all(_fits(_texts(wanted), _values(subject, field)) for field, wanted in match.items())


def _texts(wanted: object) -> tuple[str, ...]:
    return (wanted,) if isinstance(wanted, str) else tuple(wanted)


def _values(subject: Subject, field: str) -> Sequence[str]:
    return (subject.hosts or ("localhost",)) if field == "host" else (getattr(subject, field),)


def _fits(wanted: tuple[str, ...], values: Sequence[str]) -> bool:
    return any(value == text or _pattern(text).fullmatch(value) for text in wanted for value in values)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(translate(text))
