# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One event source alone in a process of its own, before a queue that takes everything at once: `one_source.py engine|router PLUGIN ARGUMENTS`.

ARGUMENTS is JSON. With `engine` the queue is what ansible-rulebook gives to a source, with `router` what the router gives to a child; what is
measured of the process is the source's own.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory


class OfEngine:
    """What a source needs of ansible-rulebook's queue."""

    async def put(self, event: object) -> None:
        """Take an event, and forget it."""


class OfRouter(OfEngine):
    """What a source of ours needs of a router's."""

    def __init__(self) -> None:
        self.inventory = Inventory(None)

    def confirm_with(self, ask: object) -> None:
        """Nobody asks here."""


if __name__ == "__main__":
    queue, plugin, arguments = sys.argv[1:]
    asyncio.run(runpy.run_path(str(Path(plugin)))["main"](OfRouter() if queue == "router" else OfEngine(), json.loads(arguments)))
