# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The runs of dispatches, as their files tell: read until they can be read, and removed when nobody waits for them any more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, directory_of, list_dispatches, prepare, read_dispatch, remove_dispatch
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store

from .engine.left_over import runs_over
from .persistence import write

logger = logging.getLogger(__name__)

_READ_AGAIN_SECONDS = 1.0
_SWEEP_SECONDS = 60.0


class Runs:
    """The files that the callback writes beside the store.

    :param path: of the store.
    :param store: says which dispatches are waited for.
    :param generation: tells this life of the router from earlier ones.
    """

    def __init__(self, path: Path, store: Store, generation: str) -> None:
        self._executions = directory_of(path)
        prepare(self._executions)
        self._store = store
        self._generation = generation
        self._sweep_at = 0.0

    async def of(self, uuid: str) -> list[Execution]:
        """Read the runs of a dispatch, for as long as it takes until they can be read."""
        while True:
            try:
                return read_dispatch(self._executions, uuid)
            except OSError as error:
                logger.error("cannot read what became of dispatch %s, trying again in %g s: %s", uuid, _READ_AGAIN_SECONDS, error)
                await asyncio.sleep(_READ_AGAIN_SECONDS)

    async def of_earlier_life(self, uuid: str) -> list[Execution]:
        """Wait until no run is alive that an earlier life began for a dispatch, and read its runs."""
        return await runs_over(self._executions, uuid, self._generation)

    def forget(self, uuid: str) -> None:
        """Remove the files of a dispatch that goes out again. Raises OSError."""
        remove_dispatch(self._executions, uuid)

    async def tidy_up(self, uuid: str) -> None:
        """Remove the files of a dispatch that is over, and now and then those that nobody waits for."""
        with _what_can_wait():
            remove_dispatch(self._executions, uuid)
        await self._sweep()

    async def _sweep(self) -> None:
        """Remove the files of runs that nobody waits for: of playbooks that other sources had started, or that outlived their dispatch."""
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + _SWEEP_SECONDS
        with _what_can_wait():
            found = list_dispatches(self._executions)  # before it is asked which are awaited: another may begin in between
            awaited = {dispatch.uuid for dispatch in await write(self._store, lambda tx: tx.unfinished_dispatches())}
            for uuid in found - awaited:
                remove_dispatch(self._executions, uuid)


@contextmanager
def _what_can_wait() -> Iterator[None]:
    """Log a file that cannot be removed now; nothing that matters depends on it."""
    try:
        yield
    except OSError as error:
        logger.error("the directory of executions cannot be brought up to date: %s", error)
