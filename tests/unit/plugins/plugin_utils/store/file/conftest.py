# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store on a real file that is tried again soon, and what to do with it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store import group_commit
from ansible_collections.eventops.infra.plugins.plugin_utils.store.file import store_file
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable, accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import an_event

_PATIENCE_SECONDS = 20.0


class Site:
    """A store, the events that it has acknowledged, and a way to see whether they are all there."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "state" / "store.db"
        self.wal = self.path.with_name("store.db-wal")
        self.path.parent.mkdir(exist_ok=True)
        self.acknowledged: list[str] = []
        self.store: SqliteStore | None = None
        self._number = 0

    def open(self) -> Site:
        self.store = SqliteStore(self.path)
        return self

    def send(self, times: int = 1) -> None:
        """Have events accepted, one by one. Raises StoreUnavailable."""
        for _time in range(times):
            self._number += 1
            event = an_event(self._number)
            self.store.run_now(accept([event], child="a", received_at=1.0))
            self.acknowledged.append(event.id)

    def is_refused(self) -> str:
        """Send an event that is refused; return why."""
        with pytest.raises(StoreUnavailable) as refused:
            self.send()
        return str(refused.value)

    def send_until_taken(self) -> None:
        """Do what a sender does who is told to come again."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self.send()
            except StoreUnavailable:
                assert time.monotonic() < deadline, "it was never taken"

    def look_in(self) -> None:
        """Give the store's thread a reason to look after its file, now."""
        self.until(lambda: self.store.run_now(lambda tx: True))

    @staticmethod
    def until(done: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.005)

    def close(self) -> None:
        if self.store is not None:
            self.store.close()

    def at_the_path(self) -> set[str]:
        """Close the store, and read by SQLite alone what is at the path."""
        self.close()
        assert not self.wal.exists(), "all is in the file"
        return events_in(self.path)

    def all_is_there(self) -> bool:
        return set(self.acknowledged) <= self.at_the_path()


def events_in(path: Path) -> set[str]:
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {event_id for (event_id,) in connection.execute("SELECT event_id FROM events")}
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    for module in (store_file, group_commit):
        monkeypatch.setattr(module, "TRY_SECONDS", 0.05)
    monkeypatch.setattr(store_file, "_LOOK_SECONDS", 0.0)


@pytest.fixture(name="site")
def _site(tmp_path):
    site = Site(tmp_path).open()
    yield site
    site.close()
