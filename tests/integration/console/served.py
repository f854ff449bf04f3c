# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A console on a thread of its own, so that a browser can be waited for on this one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import Site, site


class Served:
    """A site whose coroutines run on its own thread."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self.site = site
        self._loop = loop

    @property
    def url(self) -> str:
        """The origin that browsers know it by."""
        return self.site.url

    @property
    def store(self):
        """The store; its `run_now` may be called from here."""
        return self.site.store

    def do(self, coroutine: Coroutine) -> Any:
        """Run a coroutine on the site's loop, and return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)


@contextmanager
def served(directory: Path, **options):
    """Serve a site while the context lasts; the options are those of `site`."""
    ready, over = threading.Event(), []
    made: list[Served] = []

    async def serve() -> None:
        async with site(directory, **options) as one:
            stop = asyncio.Event()
            made.append(Served(one, asyncio.get_running_loop()))
            over.append(lambda: made[0]._loop.call_soon_threadsafe(stop.set))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="console", daemon=True)
    thread.start()
    assert ready.wait(60), "the console did not start"
    try:
        yield made[0]
    finally:
        over[0]()
        thread.join(60)
