# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of a double that are switched on and off while it serves, from whichever thread."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

F = TypeVar("F", bound="Switched")


class Switched:
    """What is on until it is stopped; as a context manager it ends with the block."""

    is_on = True

    def __enter__(self):
        return self

    def __exit__(self, *_raised: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Switch it off."""
        self.is_on = False


class Faults(Generic[F]):
    """All faults that are switched on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[F] = []

    def add(self, fault: F) -> F:
        """Switch a fault on."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            for fault in self._faults:
                fault.stop()
            self._faults.clear()

    def hit(self, *asked: str) -> F | None:
        """Return the fault that a request meets (`Fault.takes`), or None."""
        with self._lock:
            return next((fault for fault in self._faults if fault.takes(*asked)), None)
