# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Points in time as the envelope writes them: RFC 3339, UTC, ending in Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# fromisoformat alone also takes week dates, bare dates and times without an offset, which RFC 3339 section 5.6 does not.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def utc_text(moment: datetime) -> str:
    """Write an aware datetime as RFC 3339 in UTC; a fraction of zero is left out."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def in_utc(text: str) -> str:
    """Bring an RFC 3339 timestamp of any offset to UTC.

    Raises ValueError when the text is no RFC 3339 timestamp, or lies outside the years 1 to 9999.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 timestamp")
    try:
        return utc_text(datetime.fromisoformat(text.upper()))
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999 in UTC") from error


def from_epoch(seconds: float) -> str:
    """Write seconds since 1970-01-01T00:00:00Z as RFC 3339.

    Raises ValueError when the number is not finite, or lies outside the years 1 to 9999.
    """
    try:
        return utc_text(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, OSError) as error:
        raise ValueError("outside the years 1 to 9999") from error
