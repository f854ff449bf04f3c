# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether restarting something would help, as a pure decision: it must use more than its limit, and be what uses the machine up."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.host.text import size


@dataclass(frozen=True)
class Use:
    """What one process uses of the resource in question, as bytes or as percent of all CPUs."""

    owner: str
    amount: float


@dataclass(frozen=True)
class Resource:
    """The resource: how much there is in the unit of `Use`, the share that is used, and the share that is too much."""

    kind: str
    whole: float
    used_percent: float
    threshold: float

    def percent(self, amount: float) -> float:
        """Return an amount as a share of the whole."""
        return 100 * amount / self.whole

    def shown(self, amount: float) -> str:
        """Write an amount for people."""
        return f"{size(amount)} ({self.percent(amount):.0f} %)" if self.kind == "memory" else f"{amount:.0f} % of the CPU"


def by_owner(uses: dict) -> list:
    """Add up what each owner uses, the most first."""
    sums = {}
    for use in uses.values():
        sums[use.owner] = sums.get(use.owner, 0) + use.amount
    return sorted((Use(owner, amount) for owner, amount in sums.items()), key=lambda each: each.amount, reverse=True)


def why_not(resource: Resource, uses: dict, mine: list, limit: dict) -> str:
    """Say why something is not restarted; empty when it should be.

    Args:
        uses: what each process uses, by its number.
        mine: the numbers of the processes of what might be restarted.
        limit: {percent: ..} of the whole or {bytes: ..}, above which it may be.
    """
    if not mine:
        return "it does not run"
    amount = sum(uses[pid].amount for pid in mine)
    most = limit["bytes"] if "bytes" in limit else resource.whole * limit["percent"] / 100
    if amount <= most:
        return f"it uses {resource.shown(amount)}, not more than its limit {resource.shown(most)}"
    others = by_owner({pid: use for pid, use in uses.items() if pid not in mine})
    is_enough = resource.used_percent - resource.percent(amount) < resource.threshold
    if others and others[0].amount > amount and not is_enough:
        return f"it uses {resource.shown(amount)}, but {others[0].owner} uses more: {resource.shown(others[0].amount)}"
    return ""
