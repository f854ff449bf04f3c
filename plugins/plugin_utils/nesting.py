# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How deeply an event may be nested, so that no recursion after intake can be exhausted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MAX_DEPTH = 64  # the receivers' limit for a body; objects and lists both count

# An event is checked as it comes in; a dispatch later puts it some levels deeper: into `data`, into an entry of `events`.
MAX_DISPATCH_DEPTH = MAX_DEPTH + 8


_SCALARS = frozenset((str, int, float, bool, type(None)))


class TooDeep(ValueError):
    """A value whose objects and lists are nested deeper than allowed."""

    def __init__(self, limit: int = MAX_DEPTH) -> None:
        super().__init__(f"must be nested at most {limit} levels deep, got more")


def ensure_shallow(value: Any, limit: int = MAX_DEPTH) -> None:
    """Raise TooDeep when objects and lists are nested deeper than `limit`; a value that holds itself is too deep."""
    level = [value] if _is_container(value) else []
    for _depth in range(limit):
        if not level:
            return
        # Most of an event are scalars: they are passed over here, since asking an abstract class takes ten times as long.
        level = [child for parent in level for child in _children(parent) if type(child) not in _SCALARS and _is_container(child)]
    if level:
        raise TooDeep(limit)


def _is_container(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple, Mapping))


def _children(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, (dict, Mapping)) else container
