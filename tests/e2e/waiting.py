# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wait for an effect, not for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(condition: Callable[[], Found], what: str, timeout_seconds: float = 60, otherwise: Callable[[], str] = str) -> Found:
    """Return what a condition returns as soon as that is true.

    Args:
        condition: asked every 50 ms.
        what: what is waited for, for the message.
        timeout_seconds: how long to wait.
        otherwise: says what was seen instead, for the message.

    Raises:
        AssertionError: it did not come true in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {timeout_seconds} s\n{otherwise()}"
        time.sleep(0.05)
