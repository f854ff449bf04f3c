# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Retention: what is over and older than is to be kept is deleted, so slowly that senders do not notice."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, Transaction

from .persistence import write

logger = logging.getLogger(__name__)

# Senders wait for what is done in the store: no batch may take long, and between two of them the store is theirs.
_BATCH_SECONDS = 0.01
_REST_FACTOR = 3.0
_LARGEST_BATCH = 500
# Nobody misses the hour that something old stays longer.
_PAUSE_SECONDS = 3600.0


async def keep_for(
    store: Store,
    seconds: float,
    *,
    now: Callable[[], float] = time.time,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Delete, for as long as this runs, cases and events that nobody needs any more and that are older than so many seconds.

    The space that they took is used again; the file does not shrink. Ids of deliveries are known for as long as their events are kept.
    """
    size = 10
    while True:
        try:
            deleted, took = await write(store, _deleting(now() - seconds, size, clock))
        except Exception:  # the store grows, which is no reason to end the router
            logger.exception("what is older than is to be kept could not be deleted, next in %g s", _PAUSE_SECONDS)
            deleted, took = 0, 0.0
        if deleted < size:
            await sleep(_PAUSE_SECONDS)
        else:
            # Twice as many at most: how long it takes differs from case to case.
            size = min(_LARGEST_BATCH, 2 * size, max(1, round(size * _BATCH_SECONDS / took)) if took > 0 else _LARGEST_BATCH)
            await sleep(took * _REST_FACTOR)


def _deleting(before: float, size: int, clock: Callable[[], float]) -> Callable[[Transaction], tuple[int, float]]:
    def delete(tx: Transaction) -> tuple[int, float]:
        began = clock()
        return tx.delete_before(before, size), clock() - began

    return delete
