# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing that does not give up: what is decided must be written down, however long the store is out of reach."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable, Transaction

logger = logging.getLogger(__name__)

T = TypeVar("T")
_PAUSE_SECONDS = 1.0


async def write(store: Store, function: Callable[[Transaction], T]) -> T:
    """Run a function in a transaction, trying again for as long as the store is unavailable."""
    while True:
        try:
            return await store.run(function)
        except StoreUnavailable as error:
            logger.debug("%s; trying again in %g s", error, _PAUSE_SECONDS)  # the store itself says what to do, once a minute
            await asyncio.sleep(_PAUSE_SECONDS)
