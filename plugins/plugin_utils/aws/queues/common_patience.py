# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The patience of several who wait for the same thing: one of them tries, and what becomes of it counts for all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience


class CommonPatience:
    """Like a Patience, but four who fail at once are one failure, and when one succeeds the others try at once."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._one_at_a_time = asyncio.Lock()
        self._successes = 0

    async def failed(self, error: BaseException) -> None:
        """Wait, until somebody has succeeded or it is one's turn to try."""
        before = self._successes
        async with self._one_at_a_time:
            if self._successes == before:
                await self._patience.failed(error)

    def well(self) -> None:
        """Say that it works."""
        self._successes += 1
        self._patience.well()
