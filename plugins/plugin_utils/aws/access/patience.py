# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a part of the source does when AWS, or the store, does not do what it was asked: say so, wait, and try again. It never ends."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .clients import Clients
from .errors import CREDENTIALS, DENIED, Failure, failure_of
from .place import Place

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
STORE = "store"


class Patience:
    """The patience of one part of the source, such as a queue: its trouble is on /healthz until `well`.

    :param where: what the part is called, such as `queues[0]`.
    :param clients: whose credentials are found anew when AWS refuses them.
    """

    def __init__(
        self,
        where: str,
        place: Place,
        keeper: Keeper,
        clients: Clients,
        *,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._where = where
        self._place = place
        self._keeper = keeper
        self._clients = clients
        self._chance = chance
        self._sleep = sleep
        self._failures = 0
        self._said = ""

    async def failed(self, error: BaseException) -> None:
        """Say what went wrong, and wait: up to 1 s at first, doubling up to 60 s, each time by chance between nothing and that.

        :param error: one of AWS_ERRORS, or an IntakeUnavailable.
        """
        failure = Failure(STORE, f"the store cannot take events: {error}") if isinstance(error, IntakeUnavailable) else failure_of(error)
        if failure.kind == CREDENTIALS:
            self._clients.renew(self._place)
        self._say(failure)
        await self._sleep(self._pause())

    def well(self) -> None:
        """Say that all is well again, where it was not."""
        if not self._failures:
            return
        logger.warning("cloudwatch: %s (%s): works again, after %d attempts that failed", self._where, self._place, self._failures)
        self._failures, self._said = 0, ""
        self._keeper.trouble(self._where, None)

    def _say(self, failure: Failure) -> None:
        level = logging.INFO if failure.kind == self._said else logging.ERROR
        remedy = "; somebody has to grant it" if failure.kind == DENIED else ""
        logger.log(level, "cloudwatch: %s (%s): %s%s; tried again until it works", self._where, self._place, failure.text, remedy)
        self._said = failure.kind
        self._keeper.trouble(self._where, f"{self._place}: {failure.text}{remedy}")

    def _pause(self) -> float:
        # Full jitter: what fails for all at once is not tried again by all at once.
        longest = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 1000)
        return longest * self._chance()
