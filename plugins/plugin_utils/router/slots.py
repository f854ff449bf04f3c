# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many dispatches the engine holds at once: a slot for each, except for those that are parked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from .policy.settings import CasePolicy


class Broadcast:
    """Something that may happen again and again, for several to wait for."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future] = set()

    async def wait(self) -> None:
        """Wait until it happens next."""
        happened = asyncio.get_running_loop().create_future()
        self._waiting.add(happened)
        try:
            await happened
        finally:
            self._waiting.discard(happened)

    def happen(self) -> None:
        """Wake all who wait."""
        for happened in self._waiting:
            if not happened.done():
                happened.set_result(None)


class Slots:
    """The slots of an engine, under a policy's limits.

    A dispatch that a rule takes late, or that an earlier life of the router left, waits for its slot and goes before anything new. Whether there is
    room may be asked from any thread.

    :param base: the policy whose `max_in_flight` is the limit of all together.
    :param parallel: whether the engine runs several actions at the same time; else there is one slot.
    """

    def __init__(self, base: CasePolicy, *, parallel: bool) -> None:
        self._most = base.max_in_flight if parallel else 1
        self._parallel = parallel
        self._taken: dict[str, CasePolicy] = {}
        self._waiting: list[list[tuple[str, CasePolicy]]] = []
        self._change = Broadcast()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing takes off any more."""
        return self._closed

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight."""
        return not self._taken

    @property
    def room_for_own(self) -> bool:
        """Whether the engine itself can take one more, whatever the policy's limits say."""
        return not self._closed and (self._parallel or not (self._taken or self._waiting))

    def room(self, policy: CasePolicy) -> bool:
        """Tell whether one more dispatch under a policy may be put; what is waiting for this slot goes first."""
        return not self._closed and self._allows(policy) and not any(map(self._may_take, tuple(self._waiting)))

    def take(self, uuid: str, policy: CasePolicy) -> None:
        """Take a slot, be there room or not."""
        self._taken[uuid] = policy

    def release(self, uuid: str) -> None:
        """Give a slot back, if it is taken."""
        self._taken.pop(uuid, None)
        self._change.happen()

    async def take_in_turn(self, dispatches: Iterable[tuple[str, CasePolicy]]) -> list[str]:
        """Take slots for dispatches that do the same work together, when there is room for one of them; return those that had none.

        Raises Closed.
        """
        wanted = list(dispatches)
        self._waiting.append(wanted)
        try:
            while not (self._closed or self._may_take(wanted)):
                await self._change.wait()
        finally:
            self._waiting.remove(wanted)
        if self._closed:
            raise Closed
        taken = [uuid for uuid, _policy in wanted if uuid not in self._taken]
        self._taken.update(wanted)
        return taken

    def close(self) -> None:
        """Let nothing more take off."""
        self._closed = True
        self._change.happen()

    def _may_take(self, wanted: Iterable[tuple[str, CasePolicy]]) -> bool:
        return any(uuid in self._taken or self._allows(policy) for uuid, policy in wanted)

    def _allows(self, policy: CasePolicy) -> bool:
        if len(self._taken) >= self._most:
            return False
        if policy.override is None:
            return True
        return sum(each.override == policy.override for each in tuple(self._taken.values())) < policy.max_in_flight


class Closed(Exception):
    """Nothing takes off any more."""
