# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What happens to the store's file under a running router: senders are told to come again, and every event that was taken is acted upon.

One ansible-rulebook lives through all of it. Its store lies beside the playbooks, on a file system of a few megabytes where this machine lets
us mount one; each run_playbook copies that folder, which drops the locks that keep other processes out of a database.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import Plan, World, surroundings
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

DISK = "16m"
HOSTS = [f"h{number:03d}" for number in range(120)]

TOUCH = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: '>"$TRACES/{{ inventory_hostname }}"'
"""
PLAN = Plan(
    rules=[{"name": "heal", "condition": 'event.payload.do == "heal"', "action": {"run_playbook": {"name": "playbooks/touch.yml"}}}],
    playbooks={"touch.yml": TOUCH},
    hosts={name: {} for name in HOSTS},
    filters=(),
    policy={"attempts": {"max": 4, "backoff": 0.5, "jitter": 0}},
    store="rulebook/playbooks/store.db",
)
HOLD = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"


class Sender:
    """A monitor that keeps what was not taken, and sends it again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: list[str] = []
        self.taken: list[str] = []
        self._hosts = iter(HOSTS)

    def send_new(self) -> int:
        """Send an event about one host more; return the status."""
        self.kept.append(next(self._hosts))
        return self._send(self.kept[-1])

    def is_refused(self) -> bool:
        """Send the last kept event again, or a new one, and tell whether it was refused."""
        return (self._send(self.kept[-1]) if self.kept else self.send_new()) == 503

    def send_again(self) -> bool:
        """Send all that is kept; tell whether nothing is left."""
        for host in list(self.kept):
            self._send(host)
        return not self.kept

    def _send(self, host: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=60)
        connection.request("POST", "/", json.dumps({"do": "heal", "hosts": [host], "label": host}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        connection.close()
        assert response.status in (200, 503), response.status
        if response.status == 200:
            self.kept.remove(host)
            self.taken.append(host)
        else:
            assert int(response.headers["Retry-After"]) > 0
        return response.status


@pytest.fixture(scope="module", name="disk")
def _disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make the folder of the playbooks, on a small file system if that can be."""
    directory = tmp_path_factory.mktemp("store faults")
    folder = directory / "world" / "rulebook" / "playbooks"
    folder.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder], capture_output=True, check=False).returncode == 0
    yield directory
    if mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module", name="sender")
def _sender(disk: Path, collections: Path) -> Iterator[Sender]:
    with surroundings(disk / "a directory", collections) as env:
        world = World(PLAN, disk / "world", env, routed=True).start().until_listening()
        yield Sender(world)
        world.rulebook.close()


@contextmanager
def deleted(store: Path) -> Iterator[None]:
    store.unlink()
    yield


@contextmanager
def deleted_with_its_log_and_directory(store: Path) -> Iterator[None]:
    for path in (store, store.with_name("store.db-wal")):
        path.unlink()
    shutil.rmtree(store.with_name("store.db.d"))
    yield


@contextmanager
def moved_away(store: Path) -> Iterator[None]:
    store.rename(store.with_name("elsewhere.db"))
    yield
    store.with_name("elsewhere.db").unlink()


@contextmanager
def replaced(store: Path) -> Iterator[None]:
    store.unlink()
    store.write_text("my notes, not a database. " * 100)
    yield
    store.unlink()


@contextmanager
def damaged(store: Path) -> Iterator[None]:
    before = store.read_bytes()
    with store.open("r+b") as file:
        file.write(os.urandom(len(before) // 2))
    yield
    with store.open("r+b") as file:
        file.write(before)


@contextmanager
def emptied(store: Path) -> Iterator[None]:
    before = store.read_bytes()
    os.truncate(store, 0)
    yield
    store.write_bytes(before)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(store)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n", "its locks were dropped by the copy for the last run"
        yield
        other.stdin.close()


@contextmanager
def on_a_full_disk(store: Path) -> Iterator[None]:
    if not os.path.ismount(store.parent):
        pytest.skip("needs to mount a small file system")
    ballast = store.with_name("ballast")
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()


FAULTS: list[tuple[Callable[[Path], AbstractContextManager], bool]] = [
    (deleted, False),  # written again at once
    (deleted_with_its_log_and_directory, False),
    (moved_away, False),
    (replaced, True),
    (damaged, True),
    (emptied, True),
    (locked, True),
    (on_a_full_disk, True),
]


@pytest.mark.parametrize(("fault", "refuses"), FAULTS, ids=[fault.__name__ for fault, _refuses in FAULTS])
def test_nothing_that_was_taken_is_lost(sender: Sender, fault: Callable[[Path], AbstractContextManager], refuses: bool) -> None:
    world = sender.world
    already = len(world.rulebook.output)
    for _event in range(3):
        assert sender.send_new() == 200
    with fault(world.store):
        if refuses:
            wait_until(sender.is_refused, "a sender that is told to come again", 60, lambda: world.rulebook.output[-4000:])
            answer = sender.send_new()
            # On a full disk, what a checkpoint gives back may hold some more events: they are taken then, and have to be found like the others.
            assert answer == 503 or fault is on_a_full_disk
            wait_until(sender.is_refused, "a sender that is refused for as long as that lasts", 60, lambda: world.rulebook.output[-4000:])
        else:
            for _event in range(3):
                sender.send_new()
        assert world.rulebook.is_running
    wait_until(sender.send_again, "senders that get rid of what they kept", 60, lambda: world.rulebook.output[-4000:])
    wait_until(lambda: world.left() >= set(sender.taken), "a run for each event that was taken", 120, lambda: world.rulebook.output[-4000:])
    assert refuses == ("can be used again" in world.rulebook.output[already:])
    complaints = re.findall(r"^(\S+ \S+),\d+ .* cannot be used: (.*)$", world.rulebook.output, re.MULTILINE)
    assert complaints or not refuses
    for cause in {cause for _moment, cause in complaints}:
        moments = [datetime.fromisoformat(moment) for moment, said in complaints if said == cause]
        assert all((later - earlier).total_seconds() >= 59 for earlier, later in itertools.pairwise(moments)), f"more than once a minute: {cause}"


def test_all_of_it_is_in_the_store_when_it_stops(sender: Sender) -> None:
    world = sender.world
    for host in sender.taken:
        world.case_of(host, "resolved")
    assert world.rulebook.stop() == 0
    assert {event["dedup_key"] for event in world.ledger.events()} >= set(sender.taken)
    assert not list(world.store.parent.glob("store.db.rescued*"))
