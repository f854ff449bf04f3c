# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The conditions of an event rule: what NetBox would refuse, and what it takes for the same."""

from __future__ import annotations

import json
from collections.abc import Mapping

_LOGIC = ("and", "or")
_KEYS = ("attr", "op", "value", "negate")
_SNAPSHOT_OPERATORS = ("changed", "unchanged")  # NetBox 4.7 and later; they take no value
# What each operator can be asked of; NetBox documents it under "Conditions". A boolean is no number here.
_OPERATORS = {
    "eq": (str, bool, int, float, list, type(None)),
    "gt": (int, float),
    "gte": (int, float),
    "lt": (int, float),
    "lte": (int, float),
    "in": (list,),
    "contains": (str, bool, int, float, list),
    "regex": (str,),
}


def mistakes(conditions: object, where: str = "conditions") -> list[str]:
    """Return what is wrong with conditions, each with its place; an empty list when NetBox can evaluate them.

    Nothing, and an empty mapping, mean that there are no conditions.
    """
    if conditions is None or conditions == {}:
        return []
    if not isinstance(conditions, Mapping):
        return [f"{where}: must be a mapping such as {{and: [...]}} or {{attr: status.value, value: active}}, got {_shown(conditions)}"]
    if len(conditions) == 1 and not conditions.keys() & set(_KEYS):
        return _mistakes_of_group(conditions, where)
    return _mistakes_of_one(conditions, where)


def canonical(conditions: object) -> object:
    """Return conditions in a form that is equal for what was only written differently.

    The order within `and` and `or` means nothing, nor does one thing said twice, `op: eq` or `negate: false`; a group of one is that one.
    """
    if not isinstance(conditions, Mapping) or not conditions:
        return None
    if len(conditions) == 1 and isinstance(members := next(iter(conditions.values())), list):
        inside = {json.dumps(member, sort_keys=True): member for member in map(canonical, members)}
        ordered = [inside[text] for text in sorted(inside)]
        return ordered[0] if len(ordered) == 1 else {next(iter(conditions)): ordered}
    plain = {key: value for key, value in conditions.items() if (key, value) not in (("op", "eq"), ("negate", False))}
    return dict(sorted(plain.items()))


def _mistakes_of_group(group: Mapping, where: str) -> list[str]:
    ((logic, members),) = group.items()
    if logic not in _LOGIC:
        return [f"{where}: must be {{and: [...]}}, {{or: [...]}} or one condition with {', '.join(_KEYS)}, got the key {_shown(logic)}"]
    place = f"{where}.{logic}"
    if not isinstance(members, list) or not members:
        return [f"{place}: must be a list of at least one condition, got {_shown(members)}"]
    found = []
    for number, member in enumerate(members):
        inside = f"{place}[{number}]"
        found += mistakes(member, inside) if isinstance(member, Mapping) and member else [f"{inside}: must be a condition, got {_shown(member)}"]
    return found


def _mistakes_of_one(condition: Mapping, where: str) -> list[str]:
    strange = [key for key in condition if key not in _KEYS]
    if strange:
        return [f"{where}: a condition has {', '.join(_KEYS)}, and no {', '.join(map(str, strange))}"]
    found = []
    attr, operator = condition.get("attr"), condition.get("op", "eq")
    if not isinstance(attr, str) or not attr:
        found.append(f"{where}.attr: must be the path of a field of the object, such as status.value, got {_shown(attr)}")
    if not isinstance(condition.get("negate", False), bool):
        found.append(f"{where}.negate: must be true or false, got {_shown(condition['negate'])}")
    if operator in _SNAPSHOT_OPERATORS:
        return [*found, f"{where}.value: {operator} takes none; leave it out"] if "value" in condition else found
    if operator not in _OPERATORS:
        return [*found, f"{where}.op: must be one of {', '.join((*_OPERATORS, *_SNAPSHOT_OPERATORS))}, got {_shown(operator)}"]
    if "value" not in condition:
        return [*found, f"{where}.value: is missing; to ask whether a field is empty, write value: null"]
    if not _fits(condition["value"], _OPERATORS[operator]):
        found.append(f"{where}.value: {operator} cannot be asked of {_shown(condition['value'])}")
    return found


def _fits(value: object, kinds: tuple) -> bool:
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
