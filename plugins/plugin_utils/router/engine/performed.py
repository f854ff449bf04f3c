# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the engine did with one event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

PLAYBOOK_ACTIONS = frozenset({"run_playbook", "run_module"})  # the ones that the callback reports on


@dataclass
class Performed:
    """What the engine did with one event: actions by name, what it logged as errors; `cut_off` when it was stopped meanwhile."""

    fired: bool = False
    actions: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cut_off: bool = False

    def take(self, task: asyncio.Task) -> None:
        """Add what a task of the engine's came to."""
        kind, _sep, rest = task.get_name().partition("::")
        if kind == "action":  # the other kind runs the actions of a rule that has several
            self.actions.append(rest.partition("::")[0])
        if task.cancelled():
            self.cut_off = True
        elif task.exception() is not None:
            self.errors.append(str(task.exception()))

    @property
    def playbooks(self) -> int:
        return sum(action in PLAYBOOK_ACTIONS for action in self.actions)
