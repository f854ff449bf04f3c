# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rise and fall: how results in a row become a state, and when the state changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    UNKNOWN = "unknown"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """What the results so far say.

    `since` is the time of the first result of the row that led to the state. `against` counts the results in a row that speak against the
    state, and `against_since` is the time of the first; while the state is unknown they speak for `leaning`.
    """

    state: State = State.UNKNOWN
    since: float = 0.0
    against: int = 0
    against_since: float = 0.0
    leaning: State = State.UNKNOWN

    @property
    def is_wavering(self) -> bool:
        """Tell whether the last result spoke against the state."""
        return self.against > 0


def observe(health: Health, healthy: bool, now: float, *, rise: int, fall: int) -> tuple[Health, State | None]:
    """Take one result in.

    :param now: time of the result, in seconds since the epoch.
    :param rise: healthy results in a row that make a target up.
    :param fall: unhealthy results in a row that make a target down.
    :return: the new health, and the new state when this result changed it (the edge).
    """
    seen = State.UP if healthy else State.DOWN
    if seen is health.state:
        return Health(health.state, health.since), None
    continues = health.against > 0 and health.leaning is seen
    against = health.against + 1 if continues else 1
    since = health.against_since if continues else now
    if against >= (rise if healthy else fall):
        return Health(seen, since), seen
    return Health(health.state, health.since, against, since, seen), None
