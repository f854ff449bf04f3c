# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for all cases at a moment: pauses, how many hosts fail, and whether that is a storm."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import STORM, Storm

from ..policy.decisions import Decision, Wait
from ..policy.gates import Conditions
from ..policy.settings import MIN_STORM_HOSTS
from .own_events import raise_storm


def conditions_now(tx: Transaction, inventory: Snapshot, now: float) -> Conditions:
    """Look at what holds for all cases."""
    known = sum(host != "localhost" for host in inventory.hostvars)
    # Under so many there is no storm, so which they are does not matter.
    unhealthy = tx.count_unhealthy_hosts()
    if unhealthy >= MIN_STORM_HOSTS:
        unhealthy = len(_failing(tx, inventory))
    return Conditions(now, tuple(tx.pauses(now)), tx.storm(), unhealthy, known)


def note_storm(tx: Transaction, inventory: Snapshot, conditions: Conditions, decision: Decision) -> None:
    """Write a storm down when it holds its first case, and raise one `case.storm`."""
    if not isinstance(decision, Wait) or decision.waits_for != STORM or tx.storm() is not None:
        return
    storm = Storm(conditions.now, conditions.unhealthy, conditions.known_hosts)
    tx.save_storm(storm, now=conditions.now)
    raise_storm(tx, storm, _failing(tx, inventory), decision.why)


def _failing(tx: Transaction, inventory: Snapshot) -> list[str]:
    """List the unhealthy hosts; one that has left the inventory is no part of it any more, though nobody said that its alert is over."""
    return [host for host in tx.unhealthy_hosts() if host in inventory.hostvars and host != "localhost"]
