# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The buttons of a case are what Controls would carry out, in every state."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.offers import offered
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import NotPossible
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, FINAL, OBSERVED, SUPPRESSED, UNFINISHED, WAITING

STATES = [
    *((state, "", True, "") for state in sorted(UNFINISHED - {WAITING})),
    *((WAITING, reason, True, "") for reason in ("backoff", "cooldown", "maintenance", "pause", "storm")),
    *((state, "", False, "") for state in sorted(FINAL)),
    *((state, "", True, by) for state, by in itertools.product((EXHAUSTED, SUPPRESSED, OBSERVED), ("", "ann"))),
]
DECISIONS = ("approve", "reject", "retry", "resolve", "suppress")


@pytest.mark.parametrize(("state", "waits_for", "live", "decided_by"), STATES)
def test_what_is_offered_can_be_done_and_does_something(visit, state, waits_for, live, decided_by):
    async def scenario(site):
        case = await site.add_case(state=state, waits_for=waits_for, live=live, decided_by=decided_by)
        for decision in DECISIONS:
            try:
                does_something = (await getattr(site.controls, decision)(case.id, by="bob", check=True)).changed
            except NotPossible:
                does_something = False
            # Suppressing what awaits an approval is called rejecting it.
            wanted = does_something and not (decision == "suppress" and state == "awaiting_approval")
            assert (decision in offered(case)) == wanted, decision

    visit(scenario)
