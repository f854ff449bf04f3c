# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Coalescing: whether a dispatch that has room for more waits for more, as a pure function."""

from __future__ import annotations

from .settings import Coalesce

# With a case that comes alone, an idle router looks for this share of the window whether others follow: a burst's first is then no run of its own.
_GLANCE = 0.1
# While cases keep coming, none of them waits longer than this many windows.
_MOST_WINDOWS = 5


def wait_for_more(coalesce: Coalesce, *, gathered_hosts: int, alone: bool, ready_since: float, last_arrival: float, now: float) -> float | None:
    """Return until when to wait for more of the same, or None to dispatch what has been gathered.

    :param gathered_hosts: how many hosts the dispatch would have.
    :param alone: whether nothing is in flight, and no other case was opened just before.
    :param ready_since: when the most urgent of its cases could have gone.
    :param last_arrival: when the last case was opened, of whichever kind.
    """
    if gathered_hosts >= coalesce.max_hosts:
        return None
    quiet = coalesce.window * (_GLANCE if alone else 1)
    until = min(last_arrival + quiet, ready_since + coalesce.window * _MOST_WINDOWS)
    return until if now < until else None
