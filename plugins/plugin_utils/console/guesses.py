# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How often an address has named a wrong token: past a rate it is told to wait, and the log says so once a minute.

The right token is always taken, even from an address that guesses: behind a proxy everybody has the same one, and whoever
could lock a person out of the pause button would. Guessing is made hopeless by the length of tokens (settings.py).
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

_AT_ONCE = 10
_SECONDS_PER_GUESS = 6.0  # ten a minute
_MOST_ADDRESSES = 4096
_SECONDS_BETWEEN_LINES = 60.0


@dataclass(slots=True)
class _Record:
    """What an address has left of its guesses at a time, and the wrong ones since the log was told."""

    left: float
    at: float
    unsaid: int = 0
    said_at: float = -math.inf


class Guesses:
    """Counts wrong tokens by address, the last few thousand addresses; a network of IPv6 (/64) is one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def wrong(self, address: str | None) -> int:
        """Note a wrong token; return 0, or how many seconds the sender should wait before another."""
        now = self._clock()
        record = self._record(_network(address), now)
        self._tell(record, _network(address), now)
        if record.left < 1:
            return math.ceil((1 - record.left) * _SECONDS_PER_GUESS)
        record.left -= 1
        return 0

    def _record(self, network: str, now: float) -> _Record:
        record = self._records.get(network)
        if record is None:
            record = self._records[network] = _Record(_AT_ONCE, now)
            if len(self._records) > _MOST_ADDRESSES:
                self._records.popitem(last=False)
        self._records.move_to_end(network)
        record.left = min(_AT_ONCE, record.left + (now - record.at) / _SECONDS_PER_GUESS)
        record.at = now
        return record

    def _tell(self, record: _Record, network: str, now: float) -> None:
        record.unsaid += 1
        if now - record.said_at >= _SECONDS_BETWEEN_LINES:
            logger.warning("console: %d wrong token(s) from %s", record.unsaid, network)
            record.unsaid, record.said_at = 0, now


def _network(address: str | None) -> str:
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "an unknown address"
    if parsed.version == 6:
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
