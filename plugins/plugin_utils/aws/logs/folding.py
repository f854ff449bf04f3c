# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folding the lines of one log group into windows, and telling which windows are complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.seen import Seen
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import Window


class Folding:
    """How far a log group has been searched, and the lines beyond that.

    :param length: of windows, in milliseconds.
    :param overlap: how late lines may appear, in milliseconds.
    :param samples: how many lines are kept of each window.
    :param start: lines before it are nobody's business.
    :param position: all windows that end by then are done with, but for lines that appear late.
    """

    def __init__(self, *, length: int, overlap: int, samples: int, start: int, position: int, seen: Seen) -> None:
        self.start = start
        self.position = position
        self.seen = seen
        self._length = length
        self._overlap = overlap
        self._samples = samples
        self._open: dict[tuple[int, bool], Window] = {}

    @property
    def since(self) -> int:
        """Return the time from which on lines may be new."""
        return self._since(self.position)

    def floor(self, at: int) -> int:
        """Return the start of the window that a time is in."""
        return at // self._length * self._length

    def restart(self) -> None:
        """Forget the lines that are not done with: they are read once more."""
        self._open.clear()

    def add(self, lines: Iterable[Line]) -> None:
        """Fold lines into their windows; those that are done with are left out."""
        for line in lines:
            mark = line.mark
            if line.at < self.start or self.seen.has(line.at, mark):
                continue
            start = self.floor(line.at)
            is_late = start + self._length <= self.position
            window = self._open.get((start, is_late))
            if window is None:
                window = self._open[start, is_late] = Window(start, start + self._length, is_late)
            window.add(line, mark, self._samples)

    def complete(self, until: int) -> list[Window]:
        """Return the windows that end by a time, and those that were told before, oldest first."""
        return sorted((each for each in self._open.values() if each.is_late or each.end <= until), key=lambda each: (each.start, each.is_late))

    def after(self, windows: Sequence[Window], position: int) -> tuple[int, Seen]:
        """Return the position and what has been seen when some windows are told, and all that ends by a position is."""
        position = max(self.position, position)
        return position, self.seen.after(windows, self._since(position))

    def note(self, windows: Sequence[Window], position: int) -> None:
        """Know that windows are done with."""
        self.position, self.seen = self.after(windows, position)
        for window in windows:
            self._open.pop((window.start, window.is_late), None)

    def _since(self, position: int) -> int:
        return max(self.start, position - self._overlap)
