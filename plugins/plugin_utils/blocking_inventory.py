# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's inventory for those who cannot await: event filters, which ansible-rulebook calls on its event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, InventoryError, Snapshot

logger = logging.getLogger(__name__)

# While a filter waits, all of ansible-rulebook does. One load of the inventory delays it by no more than this, however many events come meanwhile.
PATIENCE_SECONDS = 5.0


class BlockingInventory:
    """An inventory that a thread loads. `path` None: no inventory, so no host is known."""

    def __init__(self, path: Path | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._inventory = Inventory(path)
        self._patience = patience_seconds
        self._thread: threading.Thread | None = None
        self._deadline = 0.0

    def fresh(self, *, unknown_name: bool = False) -> Snapshot:
        """Return the inventory, loaded when it is asked for first and again as `Inventory.fresh` says.

        When it cannot be loaded, or that takes long, the last one that could is returned, and the log says why.
        """
        if self._inventory.path is None:
            return self._inventory.snapshot
        if (self._thread is None or not self._thread.is_alive()) and self._inventory.is_old(unknown_name):
            self._deadline = time.monotonic() + self._patience
            self._thread = threading.Thread(target=self._load, name="eventops-inventory", daemon=True)
            self._thread.start()
        if self._thread is not None:
            self._thread.join(max(0.0, self._deadline - time.monotonic()))
        return self._inventory.snapshot

    def _load(self) -> None:
        try:
            asyncio.run(self._inventory.load())
        except InventoryError as error:
            logger.error("%s; the hosts known before stay known until it loads again", error)
        except Exception:
            logger.exception("the inventory %s cannot be loaded; the hosts known before stay known", self._inventory.path)
