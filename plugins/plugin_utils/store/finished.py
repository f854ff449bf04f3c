# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a case, for the source that handed in its newest event."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .values import Case, ExecutionRow


@dataclass(frozen=True, slots=True)
class Finished:
    """One time that a case came to an end: `id` tells it from all others, and grows.

    `case` has state, reason, mode and attempt as they were then, and its `updated_at` is when that was; it may have been opened again since. `event`
    was the newest then. `executions` is what the case's last run did on the case's own hosts; a case that never ran has none.
    """

    id: int
    case: Case
    event: Event
    executions: tuple[ExecutionRow, ...] = ()

    @property
    def duration_seconds(self) -> float:
        """Return how long it took from when the case was opened."""
        return max(0.0, self.case.updated_at - self.case.opened_at)

    @property
    def error(self) -> str:
        """Return what the last run said where it failed, empty where it did not."""
        return next((row.error for row in self.executions if row.error), "")
