# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for everything: what the top of each page and /healthz say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Pause, Storm


@dataclass(frozen=True)
class Surroundings:
    """What the console is told of the rest of the router.

    :param mode: what cases without an override are in.
    :param conditions: returns how each child fares, by its name.
    :param is_ready: tells whether events are taken and the engine takes dispatches.
    """

    mode: str
    conditions: Callable[[], Mapping[str, Condition]]
    is_ready: Callable[[], bool]


@dataclass(frozen=True)
class Status:
    """The state of the whole; `failing` are children by name; `trouble` is why what is shown may be old.

    `storm` says how it began; `unhealthy` is how many hosts fail now, counted while it lasts.
    """

    mode: str
    is_ready: bool
    failing: tuple[tuple[str, Condition], ...]
    pauses: tuple[Pause, ...]
    storm: Storm | None
    unhealthy: int = 0
    trouble: str = ""


def look_at_status(tx: Transaction, around: Surroundings, now: float) -> Status:
    """Collect the status. `now` is seconds since the epoch."""
    failing = tuple((name, condition) for name, condition in around.conditions().items() if not condition.is_well)
    storm = tx.storm()
    return Status(around.mode, around.is_ready(), failing, tuple(tx.pauses(now)), storm, tx.count_unhealthy_hosts() if storm else 0)
