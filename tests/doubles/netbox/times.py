# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times as NetBox writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from .errors import Invalid


def of_api(time: datetime | None) -> str | None:
    """Return a time as the API writes it: microseconds and a Z."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def of_snapshot(time: datetime) -> str:
    """Return a time as a webhook's snapshots have it: milliseconds and a Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime:
    """Return the time that a client wrote; without an offset it is UTC."""
    try:
        # A plus sign that nobody escaped arrives as a space.
        time = datetime.fromisoformat(str(text).strip().replace(" 00:00", "+00:00"))
    except ValueError as error:
        raise Invalid("Enter a valid date/time.") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
