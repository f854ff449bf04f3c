# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many things, so many at a time. From Python 3.12 on, itertools has this as batched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Yield all of some items in their order, in parts of at most so many."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
