# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When what was committed moves from the write-ahead log to the database file.

SQLite would do it in the middle of a commit, while senders wait; here it is done after they were answered. And because nothing
else ever writes the file, a change of it at any other time was somebody else's.
"""

from __future__ import annotations

import sqlite3

_PAGES = 1_000  # about so many are moved at once, 4 MB: senders wait meanwhile
_MOST_COMMITS = 1_000


class Checkpoints:
    """Move the log every so many commits: as many as fill it, which is learned from how full it was the last time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._every = 10
        self._commits = 0

    def committed(self) -> bool:
        """Count a commit; tell whether it is time."""
        self._commits += 1
        return self._commits >= self._every

    @property
    def any_commits(self) -> bool:
        """Tell whether anything was committed since the last time."""
        return self._commits > 0

    def run(self) -> None:
        """Move what is in the log. Raises sqlite3.Error."""
        commits, self._commits = self._commits, 1  # should it fail, it is tried again, but not after each commit
        _busy, pages, _moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._commits = 0
        if commits >= self._every and pages < _PAGES // 2:
            self._every = min(2 * self._every, _MOST_COMMITS)
        elif pages > 2 * _PAGES:
            self._every = max(self._every // 2, 1)
