# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SQLite store: the contract, and what is its own (durability, locks, modes, migrations)."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreError, StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore, directory_of

from .contract import StoreContract
from .promises.examples import an_event


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "with a space" / "store.db"


@pytest.fixture(name="changes")
def _changes():
    return []


@pytest.fixture(name="store")
def _store(path, changes):
    path.parent.mkdir()
    store = SqliteStore(path, changes.extend)
    yield store
    store.close()


class TestSqliteStore(StoreContract):
    """The contract on SQLite."""


def test_files_are_the_owners_alone(store, path):
    store.run_now(lambda tx: tx.insert_event(an_event(), child="a", received_at=1.0))
    modes = {each.name: oct(each.stat().st_mode & 0o777) for each in (*path.parent.iterdir(), directory_of(path) / "lock")}
    assert modes.pop("store.db.d") == "0o700"
    assert "store.db-wal" in modes and "store.db-shm" not in modes, "EXCLUSIVE locking needs no shared memory"
    assert set(modes.values()) == {"0o600"}


def test_a_commit_waits_for_the_disk(store):
    """No test that kills a process can see this one: what is in the kernel's cache survives that, but not a power failure."""
    pragmas = store.run_now(lambda tx: {name: tx._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")})
    assert pragmas == {"synchronous": 2, "journal_mode": "wal"}  # 2: FULL


def test_a_function_that_ends_its_own_transaction_ends_nothing_else(store):
    with pytest.raises(StoreUnavailable):
        store.run_now(lambda tx: tx._connection.execute("ROLLBACK"))
    assert store.run_now(lambda tx: tx.insert_event(an_event(), child="a", received_at=1.0))


def test_a_second_router_is_refused_with_the_process_that_has_it(store, path):
    with pytest.raises(StoreError, match=f"in use by process {os.getpid()}"):
        SqliteStore(path)


def test_copying_the_store_while_it_is_open_does_not_let_another_in(store, path, tmp_path):
    """run_playbook copies the folder of its playbook, in this process: POSIX locks would be gone after that."""
    shutil.copytree(path.parent, tmp_path / "copy")
    done = subprocess.run([sys.executable, "-c", _OPEN_ELSEWHERE, str(path)], env=_environment(), capture_output=True, text=True, check=False)
    assert "in use by process" in done.stderr
    store.run_now(lambda tx: tx.insert_event(an_event(), child="a", received_at=1.0))


def test_events_survive_kill_9(path):
    """A process commits, says so, and is killed: what it said is there."""
    path.parent.mkdir()
    writer = subprocess.Popen([sys.executable, "-c", _WRITE_AND_SAY, str(path)], env=_environment(), stdout=subprocess.PIPE, text=True)
    said = [int(writer.stdout.readline()) for _line in range(200)]
    writer.send_signal(signal.SIGKILL)
    said += [int(line) for line in writer.stdout.read().splitlines() if line.isdigit()]
    writer.wait()
    store = SqliteStore(path)
    kept = [row.id for row in store.run_now(lambda tx: tx.unhandled_events(100_000))]
    store.close()
    assert set(said) <= set(kept)


def test_a_full_disk_is_unavailable_and_recovers(path):
    """A real limit on the size of files (RLIMIT_FSIZE) stands for the full disk: writes fail with an OS error."""
    path.parent.mkdir()
    store = SqliteStore(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    kept = 0
    try:
        with pytest.raises(StoreUnavailable, match="could not commit"):
            for number in range(1000):
                store.run_now(lambda tx, n=number: tx.insert_event(an_event(n, data={"text": "x" * 5000}), child="a", received_at=1.0))
                kept += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert kept > 1
    store.run_now(lambda tx: tx.insert_event(an_event(5000), child="a", received_at=1.0))
    assert len(store.run_now(lambda tx: tx.unhandled_events(10_000))) == kept + 1
    store.close()


def test_a_file_that_is_no_database_is_refused_and_untouched(path):
    path.parent.mkdir()
    path.write_text("my notes, not a database. " * 100)
    with pytest.raises(StoreError, match="cannot open the store"):
        SqliteStore(path)
    assert path.read_text().startswith("my notes")


_IMPORT = """
import sys
from pathlib import Path
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
store = SqliteStore(Path(sys.argv[1]))
"""
_OPEN_ELSEWHERE = _IMPORT
_WRITE_AND_SAY = _IMPORT + textwrap.dedent("""
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
for number in range(1_000_000):
    event = Event(str(number), "s", "alert.firing", "h", "2026-01-31T12:00:00Z", "info", (), "k", {}, {})
    print(store.run_now(lambda tx: tx.insert_event(event, child="a", received_at=1.0)), flush=True)
""")


def _environment() -> dict[str, str]:
    import ansible_collections  # where this test found it, the other process finds it too

    roots = [os.path.dirname(each) for each in ansible_collections.__path__]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
