# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is still to be said about a target, given its health and what was said before.

The decision looks at the difference between the two, not at the moment of the change: what could not be handed over is simply still to be said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.eventops.infra.plugins.plugin_utils.probe.health import Health, State


class Message(Enum):
    FIRING = "alert.firing"
    RESOLVED = "alert.resolved"


@dataclass(frozen=True, slots=True)
class Said:
    """What was said last: `count` is which FIRING of one outage it was, from 0; `at` is when, on the clock that `due` is asked with.

    A message whose delivery failed may have arrived all the same: `delivered` False is "perhaps".
    """

    message: Message | None = None
    at: float = 0.0
    count: int = 0
    delivered: bool = True

    def next(self, message: Message, now: float) -> Said:
        """Return what will have been said, not delivered yet; the same message again keeps its number until it is delivered."""
        if message is not self.message:
            return Said(message, now, 0, False)
        return Said(message, now, self.count + 1 if self.delivered else self.count, False)

    def arrived(self) -> Said:
        """Return the same, delivered."""
        return replace(self, delivered=True)


def due(health: Health, said: Said, now: float, *, repeat_seconds: float, resolve_at_start: bool) -> Message | None:
    """Say what is to be said now, if anything.

    A target that is up when it is first known is announced as resolved (`resolve_at_start`): nobody else would close the case of a service
    that recovered while the probe was not running. Where no case is open it changes nothing.
    """
    if health.state is State.DOWN:
        if said.message is not Message.FIRING or not said.delivered:
            return Message.FIRING
        # While it seems to recover, the alert is not repeated.
        return Message.FIRING if now - said.at >= repeat_seconds and not health.is_wavering else None
    if health.state is State.UP:
        if said.message is None:
            return Message.RESOLVED if resolve_at_start else None
        return Message.RESOLVED if said.message is Message.FIRING or not said.delivered else None
    return None
