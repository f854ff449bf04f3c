# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store whose file is damaged or written by somebody else under the running process, and one that is locked."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.file import rescue
from ansible_collections.eventops.infra.plugins.plugin_utils.store.file.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

from .conftest import events_in


@contextmanager
def changed_in_place(path):
    """Keep what a file holds, let it be changed, and write it back afterwards."""
    before = path.read_bytes()
    yield before
    with path.open("r+b") as file:
        file.write(before)
        file.truncate()


def overwrite(path, begin=0, length=None):
    with path.open("r+b") as file:
        file.seek(begin)
        file.write(os.urandom(length or path.stat().st_size - begin))


def truncate(path):
    os.truncate(path, 0)


def garble_what_is_inside(path):
    overwrite(path, begin=8192, length=20_000)


DAMAGES = [overwrite, truncate, garble_what_is_inside]


@pytest.fixture(name="full_site")
def _full_site(site):
    """A store with events in its file and in its log."""
    site.send(200)
    site.look_in()
    site.until(lambda: site.path.stat().st_size > 100_000)
    site.send(20)
    return site


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_takes_nothing_until_it_is_brought_back(full_site, damage):
    with changed_in_place(full_site.path):
        damage(full_site.path)
        refused = full_site.is_refused()
        assert "it is damaged" in refused and "Put a sound copy in its place" in refused
    full_site.send_until_taken()
    assert full_site.all_is_there()


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_while_nothing_happens(full_site, damage, caplog):
    with changed_in_place(full_site.path):
        damage(full_site.path)
        full_site.until(lambda: "it is damaged" in caplog.text)
    full_site.until(lambda: "can be used again" in caplog.text)
    assert full_site.all_is_there()


def test_a_removed_damaged_file_is_not_begun_anew(full_site, tmp_path):
    sound = shutil.copy(full_site.path, tmp_path / "sound.db")
    overwrite(full_site.path)
    full_site.is_refused()
    full_site.path.unlink()
    assert "it is damaged" in full_site.is_refused()
    assert not full_site.path.exists()
    shutil.copy(sound, full_site.path)
    full_site.send_until_taken()
    assert full_site.all_is_there(), "what was committed after the copy is in the log, which was kept"


def test_another_store_in_place_of_a_damaged_one_is_not_taken(full_site, tmp_path):
    with changed_in_place(full_site.path):
        overwrite(full_site.path)
        full_site.is_refused()
        SqliteStore(tmp_path / "other.db").close()
        shutil.copy(tmp_path / "other.db", full_site.path)
        full_site.until(lambda: "another store stands in its place" in full_site.is_refused())
    full_site.send_until_taken()
    assert full_site.all_is_there()


def test_a_backup_is_taken_without_the_log_that_it_does_not_go_with(site, tmp_path):
    """What came after the backup and was damaged is gone with the damage; all else is as in the backup, and in order."""
    site.send(5)
    site.close()
    backup = shutil.copy(site.path, tmp_path / "backup.db")
    in_backup = list(site.acknowledged)
    site.open().send(500)
    site.look_in()
    overwrite(site.path)
    site.is_refused()
    site.path.unlink()
    shutil.copy(backup, site.path)
    site.send_until_taken()
    assert set(in_backup) | {site.acknowledged[-1]} <= site.at_the_path()


def test_a_touched_file_is_looked_at_and_used_on(site):
    site.send(5)
    os.utime(site.path)
    site.send(5)
    assert site.all_is_there()


def test_a_file_system_whose_times_mean_nothing_costs_a_few_looks(site, monkeypatch):
    looks = []
    is_sound = rescue.is_sound
    monkeypatch.setattr(rescue, "is_sound", lambda connection: looks.append(1) or is_sound(connection))
    for second in range(20):
        os.utime(site.path, (second, second))
        site.send()
    assert 0 < len(looks) < 10
    with changed_in_place(site.path):
        truncate(site.path)
        assert "damaged" in site.is_refused(), "its size still tells"
    site.send_until_taken()
    assert site.all_is_there()


_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN " + sys.argv[2])
print(connection.execute("SELECT count(*) FROM events").fetchone()[0], flush=True)
sys.stdin.read()
connection.execute("COMMIT")
connection.close()
"""


@contextmanager
def another_process_on(path, how: str):
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().strip().isdigit()
        yield process
        process.stdin.close()


def test_nothing_is_taken_while_another_process_has_it_open(site, tmp_path):
    """Copying the file in this process, as ansible-rulebook does with a playbook's folder, drops the locks that should keep it out."""
    site.send(5)
    shutil.copy(site.path, tmp_path / "copy.db")
    with another_process_on(site.path, "DEFERRED"):
        assert "another process has it open" in site.is_refused()
    site.send_until_taken()
    site.send(5)
    assert site.all_is_there()


def test_what_another_process_breaks_when_it_closes_is_put_right(full_site, tmp_path, monkeypatch):
    """Its idea of the log is from before ours was begun anew, so it writes the wrong pages into the file."""
    site = full_site
    site.until(lambda: moved_into_the_file(site))
    shutil.copy(site.path, tmp_path / "copy.db")
    with another_process_on(site.path, "DEFERRED"):
        with monkeypatch.context() as blind:
            blind.setattr(Place, "may_be_shared", lambda place: False)  # it came between a look and a commit
            site.send(30)
        assert "another process has it open" in site.is_refused()
    site.send_until_taken()
    site.send(5)
    assert site.all_is_there()


def moved_into_the_file(site) -> bool:
    """Tell whether every acknowledged event is in the file without its log."""
    try:
        return set(site.acknowledged) <= events_in(site.path)
    except sqlite3.DatabaseError:
        return False  # it is being moved


def test_what_a_killed_process_left_behind_is_cleared_away(site, tmp_path):
    site.send(5)
    shutil.copy(site.path, tmp_path / "copy.db")
    with another_process_on(site.path, "DEFERRED") as process:
        site.is_refused()
        process.kill()
        process.wait()
        site.send_until_taken()
    assert site.all_is_there()


def test_a_locked_file_is_opened_when_the_lock_is_gone(full_site):
    copy = shutil.copy(full_site.path, full_site.path.with_name("locked.db"))
    overwrite(full_site.path)
    full_site.is_refused()
    holder = sqlite3.connect(copy, isolation_level=None)
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    copy.rename(full_site.path)
    full_site.until(lambda: "locked" in full_site.is_refused())
    holder.execute("COMMIT")
    holder.close()
    full_site.send_until_taken()
    assert full_site.all_is_there()


def test_a_store_that_lost_its_file_but_not_its_log_is_not_begun_anew(site, tmp_path):
    site.send(5)
    for name in ("store.db", "store.db-wal"):
        shutil.copy(site.path.with_name(name), tmp_path / name)
    (tmp_path / "store.db").unlink()
    with pytest.raises(StoreError, match="its log .* is there"):
        SqliteStore(tmp_path / "store.db")
    assert (tmp_path / "store.db-wal").stat().st_size > 0
