# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the source that poll at work in a test, with real clients: what they hand in is in a real store, which outlives them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import polling as alarms_polling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import settings as alarms_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.labels import read_labels
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import polling as logs_polling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import settings as logs_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.doubles.aws import REGION

_CHILD = "cloudwatch"
# Lines and alarms of the tests are about no host, unless they say otherwise.
_HOSTS = ({"label": "InstanceId"}, {"path": "json.host"}, "none")


class NoDirectory:
    """Who knows no host by anything but its name."""

    async def read(self, place: Place, read: Callable[[Any], Any], known: Any = None) -> Any:
        """Return what a function reads."""
        return read(lambda *question: ())


class Polled:
    """Entries of `alarms` and `logs` that are polled.

    :param path: a directory for the store.
    :param url: of AWS, or of a proxy in front of it.
    :param ahead: how far the clock of this machine is ahead of AWS's, in seconds.
    """

    def __init__(
        self,
        path: Path,
        url: str,
        *,
        alarms: Sequence[Mapping[str, Any]] = (),
        logs: Sequence[Mapping[str, Any]] = (),
        places: Sequence[Place] | None = None,
        labels: Sequence[Mapping[str, Any]] = (),
        ahead: float = 0.0,
    ) -> None:
        self.url = url
        self.ahead = ahead
        self.alarms, self.logs, self.labels = alarms, logs, labels
        self.places = places or [Place("test", REGION, Access(endpoint_url=url))]
        self.handed_in: list[Event] = []  # whether or not the store knew it
        self.store: SqliteStore | None = None
        self.queue: ChildQueue | None = None
        self.around: Around | None = None
        self._path = path
        self._read: list[Event] = []

    @asynccontextmanager
    async def running(self):
        """Poll, as a child of a router whose store is this one's."""
        self.store = SqliteStore(self._path / "store.db")
        intake = Intake(self.store, redact_words=("password",), max_event_bytes=1_000_000, accepted=lambda: None)
        self.queue = _Noted(ChildConfig(_CHILD, "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]"), (), intake, Inventory(None))
        self.queue.handed_in = self.handed_in
        clients = Clients()
        self.around = Around(self.queue, clients, NoDirectory(), lambda: time.time() + self.ahead, lambda: str(uuid.uuid4()), _HOSTS, read_labels(self.labels))
        task = asyncio.create_task(self._run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await clients.close()
            self.events()
            self.store.close()
            self.store = None

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            if self.alarms:
                group.create_task(alarms_polling.run(self._entries(alarms_settings, "alarms", self.alarms), self.around))
            if self.logs:
                group.create_task(logs_polling.run(self._entries(logs_settings, "logs", self.logs), self.around))

    def _entries(self, settings: Any, name: str, written: Sequence[Mapping[str, Any]]) -> list[tuple[Any, list[Place]]]:
        mistakes = Mistakes()
        read = [settings.read(each, f"{name}[{number}]", mistakes) for number, each in enumerate(written)]
        mistakes.raise_if_any()
        return [(each, [place for place in self.places if not each.accounts or place.account in each.accounts]) for each in read]

    def events(self) -> list[Event]:
        """Return all that is in the store, in its order."""
        while self.store is not None and (rows := self.store.run_now(lambda tx: tx.unhandled_events(1000))):
            self._read += [row.event for row in rows]
            numbers = [(row.id, None) for row in rows]
            self.store.run_now(lambda tx, numbers=numbers: tx.mark_all_handled(numbers))
        return self._read

    def remembered(self, prefix: str = "") -> dict[str, str]:
        """Return what is remembered."""
        return self.store.run_now(lambda tx: tx.recall(_CHILD, prefix))

    @property
    def troubles(self) -> dict[str, str]:
        """Return what /healthz says."""
        return dict(self.queue.condition.troubles)

    async def until(self, condition: Callable[[], Any], seconds: float = 30) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + seconds
        while not await asyncio.to_thread(condition):
            assert time.monotonic() < ends, f"after {seconds} s: {len(self.events())} events, the last: {self.told()[-10:]}, trouble: {self.troubles}"
            await asyncio.sleep(0.05)

    async def until_begun(self, prefix: str) -> None:
        """Wait until the first look has written down where it begins."""
        await self.until(lambda: any("cursor/" in key or "position/" in key for key in self.remembered(prefix)))

    def told(self) -> list[tuple[str, str]]:
        """Return of each event what it is about and its state: that of an alarm, else its type."""
        return [(event.data.get("name", ""), event.data.get("state", event.type)) for event in self.events()]


class _Noted(ChildQueue):
    """A queue that notes every event that is handed in, though the store may have known it."""

    handed_in: list[Event]

    async def keep(self, events, remember, heard=()):
        """Hand in."""
        await super().keep(events, remember, heard)
        self.handed_in += events


def play(polled: Polled, scene: Callable[[], Awaitable[None]]) -> None:
    """Run a scene while the source polls."""

    async def playing() -> None:
        async with polled.running():
            await scene()

    asyncio.run(playing())
