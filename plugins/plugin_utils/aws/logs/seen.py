# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of the lines that are read again are done with. Within `overlap` lines may appear late, and only their marks tell these from the others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import MOST_MARKS, Window

Stretch = tuple[int, int]  # from the start of a window up to its end


@dataclass(frozen=True)
class Seen:
    """The marks of lines by the windows that they were told with; None: too many, so that all lines of this window are taken for seen."""

    marks: Mapping[Stretch, frozenset[str] | None] = field(default_factory=dict)

    def has(self, at: int, mark: str) -> bool:
        """Tell whether a line is done with."""
        # Windows may have been of another length when it was told.
        return any(start <= at < end and (marks is None or mark in marks) for (start, end), marks in self.marks.items())

    def after(self, windows: Iterable[Window], since: int) -> Seen:
        """Return what has been seen when windows are told, without what is not read again."""
        marks = {stretch: known for stretch, known in self.marks.items() if stretch[1] > since}
        for window in windows:
            if window.end > since:
                known = marks.get((window.start, window.end), frozenset())
                marks[window.start, window.end] = None if known is None or len(window.marks) > MOST_MARKS else known | frozenset(window.marks)
        return Seen(_bounded(marks))

    def as_text(self) -> str | None:
        """Write it; None: there is nothing."""
        written = {f"{start}-{end}": None if marks is None else sorted(marks) for (start, end), marks in self.marks.items()}
        return json.dumps(written) if written else None

    @classmethod
    def from_text(cls, text: str | None) -> Seen:
        """Read what `as_text` wrote."""
        written = json.loads(text) if text else {}
        stretches = {key: tuple(map(int, key.split("-"))) for key in written}
        return cls({stretches[key]: None if marks is None else frozenset(marks) for key, marks in written.items()})


def _bounded(marks: dict[Stretch, frozenset[str] | None]) -> dict[Stretch, frozenset[str] | None]:
    """Give up the marks of the oldest windows where there are too many: the latest lines are the likeliest to appear late."""
    left = sum(len(each) for each in marks.values() if each is not None)
    for stretch in sorted(marks):
        if left <= MOST_MARKS:
            break
        left -= len(marks[stretch] or ())
        marks[stretch] = None
    return marks
