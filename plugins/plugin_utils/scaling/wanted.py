# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of a group, and what it is bound to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Grow (out) or shrink (in) by so many instances, or by fewer where the bounds or what is protected leave no more."""

    direction: str
    by: int


@dataclass(frozen=True, slots=True)
class Exactly:
    """Have so many instances."""

    to: int


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give back what was added for a time, by the name that it was given then."""

    id: str


Wanted = Step | Exactly | GiveBack


@dataclass(frozen=True, slots=True)
class Bounds:
    """How few and how many instances there may be."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Cooldowns:
    """Seconds from the last change, whichever way it went, to the next one out, and to the next one in."""

    out_seconds: float
    in_seconds: float
