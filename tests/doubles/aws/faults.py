# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong on purpose between a client and AWS, for so many calls or until told."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.tests.doubles.switched import Switched

from .failures import FAILURES

RESET, HANG, DELAY, CUT_OFF = "reset", "hang", "delay", "cut off"
KINDS = (*FAILURES, RESET, HANG, DELAY, CUT_OFF)


@dataclass
class Fault(Switched):
    """A fault that is switched on; as a context manager it ends with the block.

    Args:
        kind: an answer of AWS (`throttled`, `expired`, `skewed`, `denied`, `internal`, `unavailable`), or `reset` of the connection, `hang` (no answer for
            `seconds`, then a reset), `delay` (of `seconds`, then all is well), `cut off` (half of the answer).
        calls: only these, such as DescribeAlarms; all by default.
        times: for how many calls; None until it is switched off.
        share: of the calls that it hits, 0 to 1.
        after: the call is carried out first, and only its answer is replaced.
        seconds: of `hang` and `delay`.
    """

    kind: str
    calls: Collection[str] = ()
    times: int | None = None
    share: float = 1.0
    after: bool = False
    seconds: float = 3600.0
    seed: int = 1
    hits: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {KINDS}, got {self.kind!r}")
        self._random = random.Random(self.seed)

    def takes(self, call: str) -> bool:
        """Say whether it hits a call, and count that."""
        meant = self.is_on and (not self.calls or call in self.calls) and (self.times is None or self.hits < self.times)
        hit = meant and self._random.random() < self.share
        self.hits += hit
        return hit
