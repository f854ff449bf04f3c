# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates that are renewed while the process runs: new connections get the new one, nothing is restarted."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 10.0


class RenewedContext:
    """A TLS context that is made anew when one of its files has changed; calling it returns the newest, as `listening` takes it.

    A context of its own, since an authority that is no longer in the file could not be taken out of one that is in use, and clients that go on with
    an earlier session would not be checked again.

    :param make: makes a context of the files as they are now.
    :param files: their paths.
    :raises OSError: when none can be made of them.
    """

    def __init__(self, make: Callable[[], ssl.SSLContext], files: Sequence[str]) -> None:
        self._make = make
        self._files = tuple(files)
        self._made_of = _states(self._files)
        self._said: tuple | None = None
        self._context = make()

    def __call__(self) -> ssl.SSLContext:
        return self._context

    def look_again(self) -> None:
        """Take what has changed. What cannot be used is said once, and the old one is kept."""
        states = _states(self._files)
        if states == self._made_of:
            return
        try:
            context = self._make()
        except OSError as error:  # ssl.SSLError is one
            # Also while they are being written: the certificate is there, and the key is still the old one.
            if self._said != (said := (states, str(error))):
                logger.error("%s cannot be used, the certificate from before stays: %s", " and ".join(self._files), error.strerror or error)
                self._said = said
            return
        self._context, self._made_of, self._said = context, states, None
        logger.info("new connections get what is now in %s", " and ".join(self._files))

    async def keep_looking(self, every: float = LOOK_EVERY_SECONDS) -> None:
        """Look again and again, until it is cancelled.

        :param every: seconds between two looks.
        """
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.look_again)


def _states(files: Sequence[str]) -> tuple:
    return tuple(_state(path) for path in files)


def _state(path: str) -> tuple | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
