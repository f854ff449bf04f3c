# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a value safe to give to ansible-rulebook's engine and, through extra vars, to Ansible's templates.

Strings and keys are broken as in `neutralize_text`. Numbers that the engine can't hold become strings, empty keys become `_`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DISPATCH_DEPTH, TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize_text import neutralize_text

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1  # a Java long

# An empty key stops the engine's reader for good.
_EMPTY_KEY = "_"


def neutralize(value: Any) -> tuple[Any, bool]:
    """Return a clean copy of a JSON-like value, and whether it differs from the value.

    Objects and lists are always copied, tuples become lists, and what JSON does not know becomes its text.

    Raises TooDeep when objects and lists are nested deeper than MAX_DISPATCH_DEPTH.
    """
    return _clean(value, MAX_DISPATCH_DEPTH)


def _clean(value: Any, levels_left: int) -> tuple[Any, bool]:
    # The exact types of parsed JSON come first, most frequent first.
    kind = type(value)
    if kind is str:
        text = neutralize_text(value)
        return text, text is not value
    if kind is dict:
        return _clean_object(value, levels_left)
    if kind is list:
        return _clean_list(value, levels_left)
    if value is None or kind is bool:
        return value, False
    if kind is int:
        return (value, False) if _SMALLEST <= value <= _LARGEST else (_integer_text(value), True)
    if kind is float:
        return (value, False) if math.isfinite(value) else (_float_text(value), True)
    return _clean_foreign(value, levels_left)


def _clean_object(value: Mapping[Any, Any], levels_left: int) -> tuple[dict[str, Any], bool]:
    if not levels_left:
        raise TooDeep(MAX_DISPATCH_DEPTH)
    cleaned: dict[str, Any] = {}
    changed = False
    keys: dict[Any, str] = {}  # the keys that need another name
    for key, item in value.items():
        name = _clean_key(key)
        if name is not key:
            keys[key] = name
        cleaned[key], item_changed = _clean(item, levels_left - 1)
        changed |= item_changed
    return (_renamed(cleaned, keys), True) if keys else (cleaned, changed)


def _clean_list(value: list[Any] | tuple[Any, ...], levels_left: int) -> tuple[list[Any], bool]:
    if not levels_left:
        raise TooDeep(MAX_DISPATCH_DEPTH)
    cleaned = []
    changed = False
    for item in value:
        clean_item, item_changed = _clean(item, levels_left - 1)
        cleaned.append(clean_item)
        changed |= item_changed
    return cleaned, changed


def _clean_foreign(value: Any, levels_left: int) -> tuple[Any, bool]:
    """Bring what no JSON parser makes, but a stock source or a YAML file may, to JSON's types."""
    if isinstance(value, Mapping):
        return _clean_object(value, levels_left)[0], True
    if isinstance(value, (list, tuple)):
        return _clean_list(value, levels_left)[0], True
    if isinstance(value, str):
        return neutralize_text(str.__str__(value)), True
    if isinstance(value, int):
        return _clean(int(value), levels_left)[0], True
    if isinstance(value, float):
        return _clean(float(value), levels_left)[0], True
    return neutralize_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)), True


def _clean_key(key: Any) -> str:
    """Return the key itself when nothing is wrong with it."""
    if key.__class__ is str:
        return neutralize_text(key) or _EMPTY_KEY
    return neutralize_text(_foreign_key(key)) or _EMPTY_KEY


def _foreign_key(key: Any) -> str:
    """Write a key that is no string as json.dumps would."""
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, str):
        return str.__str__(key)
    return _integer_text(key) if isinstance(key, int) else str(key)


def _renamed(cleaned: dict[Any, Any], names: Mapping[Any, str]) -> dict[str, Any]:
    """Give some keys their new names, in the same order, and number those that collide.

    Keys that were clean keep their name, so that a sender can't take the place of one by a key that becomes it.
    """
    taken = {key for key in cleaned if key not in names}
    numbers: dict[str, int] = {}
    result = {}
    for key, item in cleaned.items():
        name = names.get(key, key)
        if key in names:
            base = name
            while name in taken:
                # The count goes on where it was: thousands of keys may collide.
                numbers[base] = numbers.get(base, 1) + 1
                name = f"{base}_{numbers[base]}"
            taken.add(name)
        result[name] = item
    return result


def _integer_text(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to write integers of more than 4300 digits in decimal
        return hex(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
