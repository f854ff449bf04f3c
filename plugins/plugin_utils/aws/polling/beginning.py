# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a part of the source that polls begins, when it is started for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import in_milliseconds
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

NOW, ALL = "now", "all"

START_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "default": NOW,
    "expected": "now, all, or a time such as 2026-01-31T12:00:00Z",
}


def require_start(written: str, where: str, mistakes: Mistakes) -> None:
    """Note it when a start is no time either."""
    if written in (NOW, ALL):
        return
    try:
        in_utc(written)
    except ValueError:
        mistakes.add(where, f"must be now, all, or a time such as 2026-01-31T12:00:00Z, got {written!r}")


def start_of(written: str, now: int) -> int:
    """Return the time that a valid start means, in milliseconds since the epoch; for `all` that is 0.

    :param now: AWS's own time.
    """
    if written == NOW:
        return now
    return 0 if written == ALL else in_milliseconds(datetime.fromisoformat(in_utc(written)))
