# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages of a list, and their links, as the recordings have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from .errors import invalid
from .filters import Values
from .versions import is_before

DEFAULT_PAGE, MAX_PAGE = 50, 1000  # NetBox's settings PAGINATE_COUNT and MAX_PAGE_SIZE
Item = TypeVar("Item")


@dataclass(frozen=True)
class Page:
    """A page: its items, and what stands around them."""

    items: Sequence
    count: int | None
    next: str | None
    previous: str | None

    def shown(self, results: list) -> dict[str, object]:
        """Return the answer."""
        return {"count": self.count, "next": self.next, "previous": self.previous, "results": results}


def page(items: list[Item], query: Mapping[str, Values], url: str, identify: Callable[[Item], int], version: str) -> Page:
    """Return the page that a query asks for; before 4.6 NetBox does not know `start`, and ignores it."""
    limit = _whole(query, "limit", DEFAULT_PAGE)
    limit = min(limit, MAX_PAGE) if limit else MAX_PAGE
    if "start" in query and not is_before(version, "4.6"):
        return _from_id(items, query, url, identify, limit)
    offset = _whole(query, "offset", 0)
    following = _link(url, query, limit, offset + limit) if offset + limit < len(items) else None
    previous = None if offset <= 0 else _link(url, query, limit, max(0, offset - limit))
    return Page(items[offset : offset + limit], len(items), following, previous)


def _from_id(items: list[Item], query: Mapping[str, Values], url: str, identify: Callable[[Item], int], limit: int) -> Page:
    """Return a page of those whose ids begin somewhere; nobody counts them."""
    if "ordering" in query or "offset" in query:
        raise invalid({"start": ["'start' cannot be combined with 'offset' or 'ordering'."]})
    start = _whole(query, "start", 0)
    found = sorted((item for item in items if identify(item) >= start), key=identify)
    rest = {name: values for name, values in query.items() if name != "start"} | {"limit": [str(limit)]}
    following = None
    if len(found) > limit:
        following = f"{url}?{_encoded(rest | {'start': [str(identify(found[limit - 1]) + 1)]})}"
    return Page(found[:limit], None, following, None)


def _link(url: str, query: Mapping[str, Values], limit: int, offset: int) -> str:
    changed = {name: values for name, values in query.items() if name != "offset"} | {"limit": [str(limit)]}
    if offset:
        changed["offset"] = [str(offset)]
    return f"{url}?{_encoded(changed)}"


def _encoded(query: Mapping[str, Values]) -> str:
    return urlencode(sorted(query.items()), doseq=True)


def _whole(query: Mapping[str, Values], name: str, default: int) -> int:
    try:
        number = int(query[name][-1]) if name in query else default
    except ValueError:
        return default
    return default if number < 0 else number
