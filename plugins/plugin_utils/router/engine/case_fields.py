# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What rules read of a case, under `event.case`."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch


def case_fields(case: Case, attempt: int, max_attempts: int) -> dict[str, object]:
    """Return the `case` of a dispatched event."""
    return {
        "id": case.id,
        "kind": case.kind,
        "attempt": attempt,
        "max_attempts": max_attempts,
        "opened_at": from_epoch(case.opened_at),
        "count": case.count,
    }
