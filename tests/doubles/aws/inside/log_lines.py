# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of CloudWatch Logs: old ones that a test feeds, the order in which they are found, and pages that are empty though more follow.

PutLogEvents takes nothing that is older than 14 days; what came in time stays for as long as the group keeps it.
FilterLogEvents: "Amazon CloudWatch Logs API Reference": lines of all streams are sorted by their time, and a page may be empty though there is a token.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from moto.logs.models import LogEvent, LogGroup, logs_backends

_filter = LogGroup.filter_log_events
_MORE = "more-"


@dataclass
class Pace:
    """Whether each page of lines comes after an empty one."""

    empty_pages: bool = False


pace = Pace()


def add_to_moto() -> None:
    """Teach moto the order, and the empty pages."""
    LogGroup.filter_log_events = filter_log_events


def filter_log_events(
    self: LogGroup,
    log_group_name: str,
    log_stream_names: list[str],
    start_time: int,
    end_time: int,
    limit: int | None,
    next_token: str | None,
    filter_pattern: str,
    interleaved: bool,
) -> tuple[list[dict[str, Any]], str | None, list[dict[str, Any]]]:
    """Return a page of lines, sorted whatever `interleaved` says, or an empty one that leads to it."""
    token = next_token or ""
    if pace.empty_pages and not token.startswith(_MORE):
        return [], f"{_MORE}{token}", []
    last = token.removeprefix(_MORE) or None
    return _filter(self, log_group_name, log_stream_names, start_time, end_time, limit, last, filter_pattern, True)


def add(account: str, region: str, group: str, stream: str, lines: list[list[Any]]) -> int:
    """Add lines, each a time (seconds since the epoch) and a text, however old; the group and the stream are made."""
    backend = logs_backends[account][region]
    if group not in backend.groups:
        backend.create_log_group(group, {})
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    ingested = int(time.time() * 1000)
    backend.groups[group].streams[stream].events += [LogEvent(ingested, {"timestamp": int(when * 1000), "message": text}) for when, text in lines]
    return len(lines)
