# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What time it is at AWS: what AWS has dated is compared with its own clock, not with that of the controller."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime


def clock_of(answer: dict) -> float:
    """Return when AWS answered, in seconds since the epoch; where the answer does not say, the controller's own time."""
    written = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return parsedate_to_datetime(written).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return time.time()
