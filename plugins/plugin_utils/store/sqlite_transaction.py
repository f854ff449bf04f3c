# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rows of the SQLite store: `Transaction` of interface.py over one sqlite3 connection."""

from __future__ import annotations

from .rows.brakes import Brakes
from .rows.endings import Endings
from .rows.events import Events
from .rows.memory import Memory
from .rows.retention import Retention
from .rows.search import Search


class SqliteTransaction(Events, Search, Endings, Brakes, Memory, Retention):
    """See `interface.Transaction`. Lives as long as the connection; who begins and commits is group_commit.py."""
