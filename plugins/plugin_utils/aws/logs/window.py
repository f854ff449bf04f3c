# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A window: the lines of one stretch of log time, of which there may be millions, folded into what one event tells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line

_MOST_STREAMS = 100  # whose newest line is kept: each may be of another host
MOST_MARKS = 10_000  # lines of a log group that are known again, each in 20 bytes


@dataclass(slots=True)
class Window:
    """What matched from `start` up to `end` (milliseconds). `is_late`: what was told of it before lacks these lines."""

    start: int
    end: int
    is_late: bool = False
    count: int = 0
    first_at: int = 0
    newest: Line | None = None
    samples: list[Line] = field(default_factory=list)
    by_stream: dict[str, Line] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    _digest: int = 0

    def add(self, line: Line, mark: str, samples: int) -> None:
        """Add a line; as many of the first ones are kept as samples."""
        self.count += 1
        self.first_at = line.at if self.count == 1 else min(self.first_at, line.at)
        if self.newest is None or line.at >= self.newest.at:
            self.newest = line
        if len(self.samples) < samples:
            self.samples.append(line)
        known = self.by_stream.get(line.stream)
        if (known is None and len(self.by_stream) < _MOST_STREAMS) or (known is not None and line.at >= known.at):
            self.by_stream[line.stream] = line
        if len(self.marks) <= MOST_MARKS:
            self.marks.append(mark)
        # The same in whatever order they are read.
        self._digest ^= int(mark, 16)

    @property
    def lines_known_by(self) -> str:
        """Return a name for just these lines."""
        return hashlib.sha256(f"{self.count}/{self._digest}".encode()).hexdigest()[:16]
