# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the log says of a store that cannot be used: each cause at most once a minute, what to do, and that it is over."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

_QUIET_SECONDS = 60.0
_TO_DO = {
    "SQLITE_FULL": "free space on its disk",
    "SQLITE_IOERR": "look at its disk, of which the system's log says more",
    "SQLITE_READONLY": "make it writable for this process",
    "SQLITE_CANTOPEN": "make its directory writable for this process",
    "SQLITE_BUSY": "end the other process that has it open",
    "SQLITE_LOCKED": "end the other process that has it open",
}


class Complaints:
    """Say what is wrong with a store."""

    def __init__(self, store: object, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._said: dict[str, float] = {}
        self._since: float | None = None

    def say(self, cause: str) -> None:
        """Log a cause as an error, unless it was said within the last minute."""
        now = self._clock()
        if self._since is None:
            self._since = now
        if now - self._said.get(cause, -_QUIET_SECONDS) >= _QUIET_SECONDS:
            self._said = {said: at for said, at in self._said.items() if now - at < _QUIET_SECONDS} | {cause: now}
            logger.error("the store %s cannot be used: %s. Senders are told to try again, and nothing that was accepted is lost", self._store, cause)

    def withdraw(self) -> None:
        """Log that it can be used again, if it could not."""
        if self._since is not None:
            logger.warning("the store %s can be used again, after %.1f s", self._store, self._clock() - self._since)
            self._since = None


def in_words(error: Exception) -> str:
    """Say what an error of the database or the system is, and what to do about it."""
    name = getattr(error, "sqlite_errorname", "")
    to_do = next((text for begin, text in _TO_DO.items() if name.startswith(begin)), "")
    if isinstance(error, OSError):
        to_do = "see to its disk and its directory"
        return f"{os.strerror(error.errno) if error.errno else error} ({error.filename}): {to_do}"
    return f"{error}: {to_do}" if to_do else str(error)
