# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a source that stands alone has its memory: a file of its own, or, where none is named, its process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.memory import Memory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore


class StateFile(Memory):
    """A store of its own, for the memory alone: it is locked, survives a crash, and is for its owner only. Raises StoreError."""

    def __init__(self, path: Path) -> None:
        self._file = SqliteStore(path)
        super().__init__(self._file, "alone")

    def close(self) -> None:
        """Write what is to be written, and let another process have the file."""
        self._file.close()


class InProcess:
    """What is remembered for as long as the process lives."""

    def __init__(self) -> None:
        self._items: dict[str, str] = {}

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what is remembered under keys with a prefix, in their order."""
        return {key: self._items[key] for key in sorted(self._items) if key.startswith(prefix)}

    async def recall_keys(self, keys: Iterable[str]) -> dict[str, str]:
        """Return what is remembered under some keys."""
        return {key: self._items[key] for key in keys if key in self._items}

    async def remember(self, items: Mapping[str, str | None]) -> None:
        """Keep texts by their keys; None forgets a key."""
        self._items.update((key, value) for key, value in items.items() if value is not None)
        for key in [key for key, value in items.items() if value is None]:
            self._items.pop(key, None)

    def close(self) -> None:
        """Keep nothing."""
