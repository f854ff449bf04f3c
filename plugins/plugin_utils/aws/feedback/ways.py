# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ways to AWS: one that fails rests for a while, and holds up no other."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around


class Ways:
    """The ways by which feedback goes to each place, such as its metrics and its tags."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._patience: dict[tuple[str, Place], Patience] = {}
        self._resting: dict[tuple[str, Place], asyncio.Task] = {}

    @property
    def resting(self) -> tuple[asyncio.Task, ...]:
        """Return what ends when a way may be tried again."""
        return tuple(self._resting.values())

    def rests(self, what: str, place: Place) -> bool:
        """Tell whether a way is not to be tried now."""
        return (what, place) in self._resting

    def failed(self, what: str, place: Place, error: BaseException) -> None:
        """Let a way rest, as long as its patience says."""
        if (what, place) not in self._resting:
            self._resting[what, place] = asyncio.create_task(self._of(what, place).failed(error), name=f"eventops feedback {what} {place} rests")

    def well(self, what: str, place: Place) -> None:
        """Say that a way works."""
        if (what, place) in self._patience:
            self._patience[what, place].well()

    def wake(self) -> bool:
        """Take up the ways again that have rested; tell whether there were any."""
        rested = [way for way, task in self._resting.items() if task.done()]
        for way in rested:
            self._resting.pop(way).result()
        return bool(rested)

    def close(self) -> None:
        """Rest no more."""
        for task in self._resting.values():
            task.cancel()

    def _of(self, what: str, place: Place) -> Patience:
        if (what, place) not in self._patience:
            self._patience[what, place] = Patience(f"feedback {what} {place}", place, self._around.keeper, self._around.clients)
        return self._patience[what, place]
