# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How old a signed timestamp may be: what was sent once and overheard is not taken again much later."""

from __future__ import annotations

import re

from .verifier import NotAuthenticated

_SECONDS = re.compile(r"\d{1,11}", re.ASCII)


def require_fresh(timestamp: str, *, name: str, now: float, tolerance: float) -> None:
    """Raise NotAuthenticated when a timestamp is no number of seconds since the epoch, or further from now than the tolerance, past or future."""
    if not _SECONDS.fullmatch(timestamp):
        raise NotAuthenticated(f"the header {name} must be a whole number of seconds since 1970-01-01")
    off = now - int(timestamp)
    if abs(off) > tolerance:
        where = "past" if off > 0 else "future"
        raise NotAuthenticated(f"the timestamp in {name} is {abs(off):.0f} seconds in the {where}, at most {tolerance:g} are taken; are the clocks right?")
