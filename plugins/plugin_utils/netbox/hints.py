# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hints: what webhooks say has changed, kept until the change log has said so, too.

A delivery is no more than that. It may come twice, out of order, or for what was rolled back, and it may speak of an update that changed nothing; the change
log has one row for each change that was committed. A delivery can come before that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .change import UPDATED, Change, Key
from .object_types import model_of

_HINT = "hint/"
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Hint:
    """That a request changed an object: `at` is when we were told, in seconds since the epoch."""

    key: Key
    request_id: str
    at: float

    @property
    def name(self) -> str:
        return f"{_HINT}{self.key[0]}/{self.key[1]}/{self.request_id}"


class Hints:
    """The hints that the change log has not confirmed; deliveries come in by `put`, the door's way in.

    :param object_types: those that are looked for, with those whose changes alter them.
    :param patience_seconds: how long a transaction may take to commit; after that a hint was of none.
    """

    def __init__(self, keeper: Keeper, object_types: Iterable[str], patience_seconds: float, now: Callable[[], float]) -> None:
        self.inventory: Inventory = keeper.inventory
        self.came = asyncio.Event()
        self._keeper = keeper
        self._types = {model_of(each): each for each in object_types}
        self._all = frozenset(self._types.values())
        self._patience_seconds = patience_seconds
        self._now = now
        self._waiting: dict[str, Hint] = {}
        self._tries: dict[str, tuple[int, float]] = {}  # how often it was looked for, and when next

    async def recall(self) -> None:
        """Take up what was hinted at before."""
        for name, text in (await self._keeper.recall(_HINT)).items():
            object_type, number, request_id = name.removeprefix(_HINT).split("/", 2)
            self._add(Hint((object_type, int(number)), request_id, json.loads(text)))

    async def put(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Keep what deliveries hint at. Raises IntakeUnavailable."""
        hints = [hint for hint in map(self._hint, events) if hint is not None and hint.name not in self._waiting]
        if hints:
            await self._keeper.keep((), {hint.name: json.dumps(hint.at) for hint in hints})
            for hint in hints:
                self._add(hint)

    def due(self) -> list[Key]:
        """Return the objects that are to be looked for now."""
        now = self._now()
        return [hint.key for name, hint in self._waiting.items() if self._tries[name][1] <= now]

    def confirmed_by(self, rows: Iterable[Change]) -> list[Change]:
        """Return which rows were hinted at."""
        hinted = {(hint.key, hint.request_id) for hint in self._waiting.values()}
        return [row for row in rows if (row.key, row.request_id) in hinted]

    @property
    def next_due(self) -> float | None:
        """Return when one is to be looked for again, in seconds since the epoch."""
        return min((at for _tries, at in self._tries.values()), default=None)

    def settled(self, keys: Iterable[Key], rows: Iterable[Change]) -> list[Hint]:
        """Return which hints about some objects, that were looked for, are over: the rows confirm them, or it has been too long."""
        looked, now = frozenset(keys), self._now()
        confirmed = {(row.key, row.request_id) for row in rows}
        return [
            hint
            for hint in self._waiting.values()
            if hint.key in looked and ((hint.key, hint.request_id) in confirmed or hint.at + self._patience_seconds <= now)
        ]

    def forget(self, hints: Iterable[Hint], looked: Iterable[Key]) -> None:
        """Drop hints that are over, and look for the others about these objects later."""
        for hint in hints:
            del self._waiting[hint.name], self._tries[hint.name]
        keys, now = frozenset(looked), self._now()
        for name, hint in self._waiting.items():
            tries, due = self._tries[name]
            if hint.key in keys and due <= now:
                self._tries[name] = (tries + 1, now + min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**tries))

    def _add(self, hint: Hint) -> None:
        self._waiting[hint.name] = hint
        self._tries[hint.name] = (0, 0.0)
        self.came.set()

    def _hint(self, event: Mapping[str, Any]) -> Hint | None:
        data = event["data"]
        object_type = data.get("object_type") or self._types.get(data.get("model", ""))
        number = data.get("object", {}).get("id")
        if object_type not in self._all or not isinstance(number, int):
            return None  # of a type that nobody asked for
        snapshots = data.get("snapshots") or {}
        if event["type"].endswith(f".{UPDATED}") and snapshots.get("prechange") and snapshots.get("prechange") == snapshots.get("postchange"):
            return None  # it changed nothing, and the change log has no row
        return Hint((object_type, number), str(data.get("request_id") or ""), self._now())
