# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the engine did with one event."""

from __future__ import annotations

from dataclasses import dataclass, field

PLAYBOOK_ACTIONS = frozenset({"run_playbook", "run_module"})  # the ones that the callback reports on


@dataclass
class Performed:
    """What the engine did with one event: actions by name, what it logged as errors; `cut_off` when it was stopped meanwhile.

    `fired`: a rule took it, or the engine failed to match it, which the errors tell.
    """

    fired: bool = False
    actions: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cut_off: bool = False

    @property
    def playbooks(self) -> int:
        return sum(action in PLAYBOOK_ACTIONS for action in self.actions)
