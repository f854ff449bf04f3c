# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times as the parts that poll reckon with them: milliseconds since the epoch, by AWS's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import utc_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# AWS refuses what was signed by a clock that is further away (Signature Version 4, "Elements of an API request signature").
_MOST_APART = 900_000


def in_milliseconds(moment: datetime) -> int:
    """Return a time as botocore gives it; without a zone it is in UTC."""
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return round(since / _MILLISECOND)


def as_moment(milliseconds: int) -> datetime:
    """Return a time as botocore takes it."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def as_text(milliseconds: int) -> str:
    """Write a time as events have it."""
    return utc_text(as_moment(milliseconds))


def clock_of(answer: Mapping[str, Any], otherwise: float) -> int:
    """Return what AWS's clock said when it answered: ours may be wrong, and what AWS writes down has the time of its own.

    :param otherwise: our own, in seconds since the epoch, where the answer does not tell. It cannot be further away than AWS lets clocks be.
    """
    ours = int(otherwise * 1000)
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        said = in_milliseconds(parsedate_to_datetime(date))
    except (TypeError, ValueError, OverflowError):
        return ours
    return min(max(said, ours - _MOST_APART), ours + _MOST_APART)
