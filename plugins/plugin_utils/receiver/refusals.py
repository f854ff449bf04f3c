# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Senders that are not known, told in the log: a secret that was changed on one side alone would be noticed by nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

_QUIET_SECONDS = 60.0


class Refusals:
    """Says who was refused where, once a minute for each endpoint, however many there are.

    :param clock: returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._said: dict[str, tuple[float, int]] = {}  # by endpoint: when it was said, and how often it was not since

    def say(self, endpoint: str, sender: str | None, why: str) -> None:
        """Log a refusal, unless one was within the last minute.

        :param endpoint: the path of one that is configured.
        """
        now = self._clock()
        said_at, more = self._said.get(endpoint, (now - _QUIET_SECONDS, 0))
        if now - said_at < _QUIET_SECONDS:
            self._said[endpoint] = (said_at, more + 1)
            return
        since = f", and {more} more since the last such line" if more else ""
        logger.warning("a delivery to %s from %s was refused: %s%s", endpoint, sender or "an unknown address", why, since)
        self._said[endpoint] = (now, 0)
