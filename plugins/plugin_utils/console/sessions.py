# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is signed in: kept in memory, so that a restart signs everybody out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LIFETIME_SECONDS = 12 * 3600  # a working day; whoever stays longer signs in again
_MOST_SESSIONS = 1000


@dataclass(slots=True)
class Session:
    """A browser in which somebody has signed in.

    `id` is what its cookie holds, `csrf` what its forms hold; `notice` is said on its next page.
    """

    who: str
    expires_at: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    notice: str = ""

    def take_notice(self) -> str:
        """Return what is to be said once."""
        said, self.notice = self.notice, ""
        return said


class Sessions:
    """All sessions. An id is never taken from outside: what a browser brings is only looked up.

    :param clock: returns seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Session] = {}  # in the order in which they end

    def begin(self, who: str) -> Session:
        """Make a session; the oldest has to go when there are too many."""
        self._forget_ended()
        if len(self._open) >= _MOST_SESSIONS:
            del self._open[next(iter(self._open))]
        session = Session(who, self._clock() + LIFETIME_SECONDS)
        self._open[session.id] = session
        return session

    def find(self, session_id: str | None) -> Session | None:
        """Return the session with this id, unless it has ended."""
        session = self._open.get(session_id or "")
        return session if session and self._clock() < session.expires_at else None

    def end(self, session: Session) -> None:
        """Sign out."""
        self._open.pop(session.id, None)

    def _forget_ended(self) -> None:
        now = self._clock()
        for session in list(self._open.values()):
            if now < session.expires_at:
                return
            del self._open[session.id]
