# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The conditions of event rules, as NetBox's documentation has them ("Conditions")."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OPERATORS = {
    "eq": lambda value, wanted: value == wanted,
    "gt": lambda value, wanted: value > wanted,
    "gte": lambda value, wanted: value >= wanted,
    "lt": lambda value, wanted: value < wanted,
    "lte": lambda value, wanted: value <= wanted,
    "in": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: wanted in value,
    "regex": lambda value, wanted: re.match(wanted, value) is not None,
}


def met(conditions: Mapping | None, data: Mapping) -> bool:
    """Say whether the data of an event meet the conditions of a rule."""
    if not conditions:
        return True
    if "and" in conditions:
        return all(met(condition, data) for condition in conditions["and"])
    if "or" in conditions:
        return any(met(condition, data) for condition in conditions["or"])
    value = _at(conditions["attr"], data)
    try:
        result = _OPERATORS[conditions.get("op", "eq")](value, conditions.get("value"))
    except TypeError:
        result = False  # null is neither more nor less than anything
    return result != bool(conditions.get("negate"))


def _at(path: str, data: object) -> object:
    for key in path.split("."):
        if isinstance(data, list):
            data = [item.get(key) for item in data]
        else:
            data = data.get(key) if isinstance(data, Mapping) else None
    return data
