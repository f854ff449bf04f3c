# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the two live pages: what is read of the store for them, and how it is rendered.

A part is what is between the tags of one element with that id. It is the same for everybody who may change things, and the same for everybody else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN, VERIFYING, WAITING
from markupsafe import Markup

from .overview import Overview, look
from .rendering import render
from .status import Status, Surroundings, look_at_status
from .story import Story, tell

_LISTS = ("attention", "runs", "queued", "waiting", "verifying", "finished", "aside")

Part = tuple[str, Markup]


@dataclass(frozen=True)
class NowView:
    """The first page; `seconds` is how long the store was busy with it."""

    status: Status
    seen: Overview
    seconds: float

    @property
    def title(self) -> str:
        needs_you = self._needs_you
        return f"{needs_you} need{'s' if needs_you == '1' else ''} you · eventops" if needs_you != "0" else "eventops"

    def parts(self, may_act: bool) -> Iterator[Part]:
        """Render one part after the other."""
        yield "status", render("parts/status.html", status=self.status, may_act=may_act)
        yield "tiles", self._tiles()
        for name in _LISTS:
            yield name, render(f"parts/{name}.html", seen=self.seen, needs_you=self._needs_you, may_act=may_act)

    def _tiles(self) -> Markup:
        counts = self.seen.counts
        return render(
            "parts/tiles.html",
            needs_you=self._needs_you,
            running=len(self.seen.runs) + self.seen.more_runs,
            queued=counts.get(OPEN, 0),
            waiting=counts.get(WAITING, 0),
            verifying=counts.get(VERIFYING, 0),
        )

    @property
    def _needs_you(self) -> str:
        defeated = self.seen.defeated
        number = (self.seen.to_approve.total or 0) + len(defeated.cases)
        return f"{number}{'+' if defeated.more else ''}"


@dataclass(frozen=True)
class CaseView:
    """The page of a case; `seconds` is how long the store was busy with it."""

    status: Status
    story: Story
    seconds: float

    @property
    def title(self) -> str:
        case = self.story.case
        return f"{case.name or case.type} · case {case.id} · eventops"

    def parts(self, may_act: bool) -> Iterator[Part]:
        """Render one part after the other."""
        yield "status", render("parts/status.html", status=self.status, may_act=may_act)
        for name in ("head", "actions", "steps", "events"):
            yield name, render(f"parts/case_{name}.html", story=self.story, case=self.story.case, may_act=may_act)


async def load_now(store: Store, around: Surroundings) -> NowView:
    """Read what the first page shows. Raises StoreUnavailable."""
    now = time.time()

    def read(tx: Transaction) -> NowView:
        began = time.perf_counter()
        status, seen = look_at_status(tx, around, now), look(tx, now)
        return NowView(status, seen, time.perf_counter() - began)

    return await store.run(read)


async def load_case(store: Store, around: Surroundings, case_id: int) -> CaseView:
    """Read what the page of a case shows. Raises KeyError and StoreUnavailable."""
    now = time.time()

    def read(tx: Transaction) -> CaseView:
        began = time.perf_counter()
        status, story = look_at_status(tx, around, now), tell(tx, case_id)
        return CaseView(status, story, time.perf_counter() - began)

    return await store.run(read)
