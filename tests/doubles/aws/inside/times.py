# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times as CloudWatch writes and compares them: in milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in whole milliseconds."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(time: datetime) -> datetime:
    """Cut off what is less than a millisecond; a time without a zone is in UTC, as moto's are."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=aware.microsecond // 1000 * 1000)


def read(time: str | float) -> datetime:
    """Read what a test or a client gives: seconds since the epoch, or ISO 8601."""
    if isinstance(time, int | float):
        return whole_milliseconds(datetime.fromtimestamp(time, UTC))
    return whole_milliseconds(datetime.fromisoformat(time))


def written(time: datetime) -> str:
    """Write it as alarms do: 2019-10-02T17:04:40.989+0000."""
    return whole_milliseconds(time).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
