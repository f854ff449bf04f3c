# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers and durations as the role gets them: with their type, or as text where they come from a command line."""

from __future__ import annotations

import re

from ansible_collections.eventops.infra.plugins.plugin_utils.duration import seconds
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.shown import shown


def whole(where: str, value: object, least: int, most: int) -> int:
    """Return a whole number. Raises ValueError with `where` when it is none, or outside of its bounds."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII) else value
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise ValueError(f"{where}: must be a whole number from {least} to {most}, got {shown(value)}")
    return number


def duration(where: str, value: object, least: float, most: float) -> float:
    """Return seconds. Raises ValueError with `where` when it is no duration, or outside of its bounds."""
    try:
        lasts = float(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII) else seconds(value)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    if not least <= lasts <= most:
        raise ValueError(f"{where}: must be from {least:.0f} to {most:.0f} seconds, got {shown(value)}")
    return lasts
