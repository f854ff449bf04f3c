# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback at work in a test: cases end in a real store, and AWS is told by real clients."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Directory
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.reporting import run
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.hub import Hub
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case
from ansible_collections.eventops.infra.tests.doubles.aws import REGION, RunningAws

from .looked_up import Machines

KEY = "eventops:case"
_CHILD = "cloudwatch"


class Reported:
    """A store in which cases end, and the feedback that hears of it; the store outlives it.

    :param path: a directory for the store.
    :param feedback: what is written.
    :param places: all that the source works with.
    """

    def __init__(self, path: Path, feedback: Feedback, places: Sequence[Place]) -> None:
        self.troubles: dict[str, str] = {}
        self.queue: ChildQueue | None = None
        self._path = path
        self._feedback = feedback
        self._places = places
        self._store: SqliteStore | None = None
        self._numbers = itertools.count(1)

    @asynccontextmanager
    async def running(self):
        """Run the feedback, as a child of a router whose store this is."""
        hub = Hub()
        self._store = SqliteStore(self._path / "store.db", committed=hub)
        intake = Intake(self._store, redact_words=("password",), max_event_bytes=1_000_000, accepted=lambda: None)
        config = ChildConfig(_CHILD, "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]")
        self.queue = ChildQueue(config, (), intake, Inventory(None), hub.subscribe)
        self.queue.trouble = self._note
        await self.queue.follow_cases()
        clients = Clients()
        directory = Directory(clients, self.queue, self._places)
        around = Around(self.queue, clients, directory, time.time, lambda: str(uuid.uuid4()))
        task = asyncio.create_task(run(self._feedback, self._places, around))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await directory.close()
            await clients.close()
            self._store.close()

    def _note(self, where: str, text: str | None) -> None:
        if text is None:
            self.troubles.pop(where, None)
        else:
            self.troubles[where] = text

    async def end(self, state: str = "resolved", *, took: float = 30.0, ago: float = 0.0, **event: Any) -> int:
        """Have a case end; return its number.

        :param took: seconds.
        :param ago: seconds since it ended.
        """
        number, ended = next(self._numbers), time.time() - ago
        return (await self._add(number, state, ended - took, ended, event)).id

    async def begin(self, state: str = "running", **event: Any) -> Case:
        """Have a case opened, which a rule has taken."""
        now = time.time()
        return await self._add(next(self._numbers), state, now, now, event)

    async def go_on(self, case: Case, state: str, **changes: Any) -> Case:
        """Have a case come to another state."""
        case = replace(case, state=state, updated_at=time.time(), **{"live": False, **changes})
        await asyncio.to_thread(self._store.run_now, lambda tx: tx.save_case(case, "in a test"))
        return case

    async def _add(self, number: int, state: str, opened: float, updated: float, event: dict[str, Any]) -> Case:
        named = {"type": "alert.firing", "source": f"aws:cloudwatch:{self._places[0].account}:{self._places[0].region}", "name": "cpu", **event}
        type_, source = named.pop("type"), named.pop("source")
        told = Event(str(uuid.uuid4()), source, type_, "cpu", "2026-01-31T12:00:00Z", "error", (), f"k{number}", named, {})

        def write(tx: Any) -> Case:
            (row,) = accept([told], child=_CHILD, received_at=updated, texts=None)(tx)
            times = {"opened_at": opened, "updated_at": updated, "due_at": 0.0, "rank": 0.0}
            case = Case(told.dedup_key, "incident", type_, "cpu", "error", (), _CHILD, state, "enforce", **times, event_row=row, live=False)
            added = tx.add_case(case, "in a test")
            tx.mark_handled(row, added.id)
            return added

        return await asyncio.to_thread(self._store.run_now, write)

    async def unheard(self) -> int:
        """Return how many ends wait to be told of."""
        return len(await self.queue.finished(1000))

    async def all_heard(self, seconds: float = 30) -> None:
        """Wait until all is told."""
        await self.until(self.unheard, 0, seconds)

    async def until(self, ask: Any, wanted: Any, seconds: float = 30) -> None:
        """Wait until a question has this answer."""
        ends = time.monotonic() + seconds
        while (found := await ask()) != wanted:
            assert time.monotonic() < ends, f"{found} instead of {wanted} after {seconds} s; {self.troubles}"
            await asyncio.sleep(0.05)


def sums(aws: RunningAws, metric: str, dimension: str, region: str = REGION) -> dict[str, tuple[float, float]]:
    """Return what a metric adds up to, by its dimension."""
    cloudwatch = aws.client("cloudwatch", region)
    found = {}
    for each in cloudwatch.list_metrics(Namespace="eventops", MetricName=metric)["Metrics"]:
        now = datetime.now(UTC)
        times = {"StartTime": now - timedelta(days=15), "EndTime": now + timedelta(hours=1), "Period": 86_400 * 30}
        points = cloudwatch.get_metric_statistics(
            Namespace="eventops", MetricName=metric, Dimensions=each["Dimensions"], Statistics=["Sum", "SampleCount"], **times
        )["Datapoints"]
        (name,) = (pair["Value"] for pair in each["Dimensions"] if pair["Name"] == dimension)
        found[name] = (sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points))
    return found


def tag_of(aws: RunningAws, instance: str) -> str | None:
    """Return the tag of an instance."""
    (described,) = Machines(aws.client("ec2")).describe(instance).values()
    return next((tag["Value"] for tag in described.get("Tags", ()) if tag["Key"] == KEY), None)
