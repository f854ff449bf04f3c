# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sources of ours remember: texts by key, each source's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.batches import batches

from ..statements import statements
from .connected import Connected

_SQL = statements(Path(__file__).with_suffix(".sql"))
_MOST_AT_ONCE = 256  # SQLite before 3.32 takes 999 values, and a row has three
_LAST_CHARACTER = "\U0010ffff"


class Memory(Connected):
    """See `interface.Transaction`."""

    def remember(self, child: str, items: Mapping[str, str | None]) -> None:
        for some in batches([key for key, value in items.items() if value is None], _MOST_AT_ONCE):
            self._do(_listed("forget", some), [child, *some])
        for some in batches([key for key, value in items.items() if value is not None], _MOST_AT_ONCE):
            rows = ", ".join(["(?, ?, ?)"] * len(some))
            self._do(_SQL["put"].replace("{rows}", rows), [text for key in some for text in (child, key, items[key])])

    def recall(self, child: str, prefix: str, *, after: str | None = None, limit: int = -1) -> dict[str, str]:
        # Nothing comes between a text and the same one with NUL behind it.
        first = prefix if after is None else f"{after}\0"
        values = {"child": child, "from": first, "to": _first_after(prefix), "limit": limit}
        return dict(self._do(_SQL["with_prefix"], values))

    def recall_keys(self, child: str, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batches(list(dict.fromkeys(keys)), _MOST_AT_ONCE):
            found.update(self._do(_listed("some", some), [child, *some]))
        return found


def _listed(name: str, keys: Sequence[str]) -> str:
    return _SQL[name].replace("{keys}", ", ".join("?" * len(keys)))


def _first_after(prefix: str) -> str | None:
    """Return the first text, by its characters, that comes after all texts with a prefix."""
    prefix = prefix.rstrip(_LAST_CHARACTER)
    if not prefix:
        return None
    following = ord(prefix[-1]) + 1
    # Surrogates are no characters: no text that can be stored has any.
    return prefix[:-1] + chr(0xE000 if following == 0xD800 else following)
