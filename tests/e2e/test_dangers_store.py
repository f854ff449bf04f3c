# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: run_playbook copies the folder of the playbook in the engine's process, which drops SQLite's locks on a store that lies there."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, World, rule_for, surroundings

PLAN = Plan(rules=[rule_for("touch", "touch.yml")], playbooks={"touch.yml": TOUCH}, store="rulebook/playbooks/store.db")
WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('CREATE TABLE another (x)')"
ROUNDS = 3


def another_process_can_write(store: Path) -> bool:
    return subprocess.run([sys.executable, "-c", WRITE, store], stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_copying_a_folder_drops_the_locks_of_a_database_in_it(directory: Path) -> None:
    """What the next test is about, without us: nothing that SQLite offers keeps a second process out."""
    folder = directory / "playbooks"
    folder.mkdir()
    connection = sqlite3.connect(folder / "store.db", isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("CREATE TABLE mine (x)")
    assert not another_process_can_write(folder / "store.db")
    shutil.copytree(folder, directory / "copy")
    assert another_process_can_write(folder / "store.db")


def test_a_store_beside_the_playbook_loses_nothing_and_lets_no_second_router_in(tmp_path: Path, collections: Path) -> None:
    with surroundings(tmp_path / "a directory", collections) as env:
        first = World(PLAN, tmp_path / "first", env, routed=True).start().until_listening()
        second = World(replace(PLAN, store=str(first.store)), tmp_path / "second", env, routed=True)
        labels = [f"event-{number}" for number in range(ROUNDS)]
        for label in labels:
            assert first.post({"do": "touch", "label": label}).status == 200
            first.case_of(label, "resolved")  # its playbook's folder was copied
        assert second.start().rulebook.wait_for_exit() != 0
        assert f"in use by process {first.rulebook.pid}" in second.rulebook.output
        assert second.left() == set()

        assert first.post({"do": "touch", "label": "after"}).status == 200
        first.wait_for("after@localhost")
        assert first.rulebook.stop() == 0
        connection = sqlite3.connect(first.store)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert [key for (key,) in connection.execute("SELECT dedup_key FROM cases WHERE state = 'resolved' ORDER BY id")] == [*labels, "after"]
