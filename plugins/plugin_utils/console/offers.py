# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which buttons a case has."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    LIFTED,
    MAINTENANCE,
    OBSERVED,
    OPEN,
    RESOLVED,
    SUPPRESSED,
    UNFINISHED,
    Case,
)


def offered(case: Case) -> tuple[str, ...]:
    """Name the decisions that a person can make about a case as it is (router/control/people.py says why)."""
    awaits_approval, unfinished = case.state == AWAITING_APPROVAL, case.state in UNFINISHED
    held = case.waits_for in {*LIFTED, MAINTENANCE}
    to_be_suppressed = case.live and (case.state == OBSERVED or (case.state == SUPPRESSED and not case.decided_by))
    possible = {
        "approve": awaits_approval,
        "reject": awaits_approval,
        "retry": not (case.in_flight or awaits_approval or held or case.state in (OPEN, RESOLVED)),
        "resolve": unfinished or case.live,
        "suppress": (unfinished and not awaits_approval) or to_be_suppressed,  # what awaits an approval is rejected
    }
    return tuple(decision for decision, can_be in possible.items() if can_be)
