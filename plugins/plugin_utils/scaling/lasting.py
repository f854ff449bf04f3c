# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Until when what is added stays: as a time, or as how long it is from now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.numbers import duration
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch, in_utc

_SHORTEST_SECONDS = 1
_LONGEST_SECONDS = 90 * 86_400


def read_until(given: Mapping, now: float) -> str | None:
    """Return the time as RFC 3339; None for what stays. Raises ValueError."""
    if "for" in given and "until" in given:
        raise ValueError("scale_for and scale_until: only one of them can be given")
    if "for" in given:
        return from_epoch(int(now + duration("scale_for", given["for"], _SHORTEST_SECONDS, _LONGEST_SECONDS)))
    if "until" not in given:
        return None
    try:
        until = in_utc(str(given["until"]))
    except ValueError as error:
        raise ValueError(f"scale_until: must be a time such as 2026-01-31T18:00:00Z, got {str(given['until'])[:60]!r}") from error
    if not now < datetime.fromisoformat(until).timestamp() <= now + _LONGEST_SECONDS:
        raise ValueError(f"scale_until: must be in the next 90 days, got {until}")
    return until
