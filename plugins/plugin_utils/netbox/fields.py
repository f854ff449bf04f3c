# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields of NetBox's objects by their path, in both of the shapes that NetBox writes objects in: nested by the API, flat in the change log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_UNSET = (None, "", [], {}, ())


def field_at(thing: Any, path: str) -> Any:
    """Return the value at a dotted path such as `custom_fields.login_user`; None where there is none."""
    for step in path.split("."):
        if not isinstance(thing, Mapping):
            return None
        thing = thing.get(step)
    return thing


def missing_fields(thing: Mapping[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of the paths that are not set in an object of the API. Zero and false are values."""
    return tuple(path for path in paths if field_at(thing, path) in _UNSET)


def is_set_flat(flat: Mapping[str, Any], paths: Iterable[str]) -> bool | None:
    """Tell whether all paths are set in an object as the change log has it; None when that cannot be known, as for what NetBox computes."""
    answers = [_is_set(flat, path) for path in paths]
    if False in answers:
        return False
    return None if None in answers else True


def _is_set(flat: Mapping[str, Any], path: str) -> bool | None:
    if path.split(".")[0] == "primary_ip":  # computed from these two
        return any(flat.get(name) is not None for name in ("primary_ip4", "primary_ip6")) if "primary_ip4" in flat else None
    first, dot, rest = path.partition(".")
    if first not in flat:
        return None
    value = flat[first]
    if rest and isinstance(value, Mapping):
        value = field_at(value, rest)
    return value not in _UNSET
