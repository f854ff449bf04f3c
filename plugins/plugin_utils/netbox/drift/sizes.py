# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sizes: when two are the same, and what a measured one was meant to be."""

from __future__ import annotations

MOST_MB = 2**31 - 1  # a 32-bit integer in NetBox
_SMALLEST_STEP_MB = 128


def about_the_same(one: float, other: float, percent: float) -> bool:
    """Tell whether two sizes differ by at most so many percent of the larger one."""
    return abs(one - other) * 100 <= percent * max(one, other)


def installed_memory_mb(measured_mb: int, percent: float) -> int:
    """Return the memory that a machine was given, of which the kernel and the firmware keep some to themselves.

    Memory comes in sizes with few significant bits: 1963 MB were 2048, 7941 were 8192, 15990 were 16384. Where the next such size
    is further away than the tolerance, it is what was measured.
    """
    step = max(_SMALLEST_STEP_MB, 1 << max(0, measured_mb.bit_length() - 4))
    size = -(-measured_mb // step) * step
    return size if size <= MOST_MB and about_the_same(size, measured_mb, percent) else measured_mb
