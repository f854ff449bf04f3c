# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renewing: what is in hand stays invisible to others while it waits for the store."""

from __future__ import annotations

import time
from collections.abc import Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience

from .in_hand import InHand
from .message import Message
from .queue import MOST_AT_ONCE, Queue


class Renewer:
    """Renews the invisibility of messages of one queue.

    :param patience: is told of failures.
    :param now: the clock of `in_hand`.
    """

    def __init__(self, queue: Queue, in_hand: InHand, patience: Patience, visibility_seconds: int, now: Callable[[], float] = time.monotonic) -> None:
        self._queue = queue
        self._in_hand = in_hand
        self._patience = patience
        self._visibility_seconds = visibility_seconds
        self._now = now

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            due = self._in_hand.due()[:MOST_AT_ONCE]
            if due:
                await self._renew(due)
            else:
                self._patience.well()  # what could not be renewed is in hand no longer
                await self._in_hand.wait_for_due()

    async def _renew(self, due: list[Message]) -> None:
        now = self._now()
        try:
            gone = await self._queue.change_visibility(due, [self._visibility_seconds] * len(due))
        except AWS_ERRORS as error:
            await self._patience.failed(error)
            return
        self._patience.well()
        self._in_hand.let_go(gone)
        self._in_hand.renewed(due, now)
