# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store whose file or log is deleted, moved away or replaced under the running process."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.file.lock import StoreLock
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreError, StoreUnavailable, accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.keep import Keep
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case, an_event

from .conftest import events_in


def beside(site, mark: str) -> list:
    return [path for path in site.path.parent.iterdir() if mark in path.name]


def test_a_deleted_file_is_written_again(site):
    site.send(5)
    site.path.unlink()
    site.send(5)
    assert site.path.stat().st_mode & 0o777 == 0o600
    assert site.all_is_there()


def test_a_deleted_file_with_all_that_belongs_to_it_is_written_again(site):
    site.send(5)
    for path in (site.path, site.wal, site.path.with_name("store.db.d") / "lock"):
        path.unlink()
    site.path.with_name("store.db.d").rmdir()
    site.send(5)
    assert site.all_is_there()


def test_a_deleted_directory_is_made_again(site):
    site.send(5)
    shutil.rmtree(site.path.parent)
    site.send(5)
    assert site.all_is_there()
    assert site.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_deleted_while_nothing_happens_is_written_again(site):
    site.send(5)
    site.path.unlink()
    site.until(site.path.exists)
    assert site.all_is_there()


def test_a_file_that_was_moved_away_is_written_again_and_the_moved_one_left_alone(site):
    site.send(5)
    elsewhere = site.path.rename(site.path.with_name("elsewhere.db"))
    site.send(5)
    before = elsewhere.read_bytes()
    assert site.all_is_there()
    assert elsewhere.read_bytes() == before


def test_a_file_that_comes_back_after_it_was_written_again_is_kept_beside_it(site):
    site.send(5)
    elsewhere = site.path.rename(site.path.with_name("elsewhere.db"))
    site.send(5)
    elsewhere.rename(site.path)
    site.send(5)
    assert site.all_is_there()
    (kept,) = beside(site, "replaced")
    assert sqlite3.connect(kept).execute("SELECT count(*) FROM events").fetchone()[0] <= 5


@pytest.mark.parametrize("in_its_place", [None, b"", b"not a log"])
def test_a_lost_log_loses_nothing(site, in_its_place):
    site.send(5)
    site.wal.unlink()
    if in_its_place is not None:
        site.wal.write_bytes(in_its_place)
    site.send(5)
    shutil.copytree(site.path.parent, site.path.parent.with_name("what a crash would leave"))
    found = SqliteStore(site.path.parent.with_name("what a crash would leave") / "store.db")
    kept = {row.event.id for row in found.run_now(lambda tx: tx.unhandled_events(100))}
    found.close()
    assert set(site.acknowledged) <= kept
    assert site.all_is_there()
    assert [path.name.startswith("store.db-wal.replaced") for path in beside(site, "replaced")] == [True] * (in_its_place is not None)


def a_text(path):
    path.write_text("my notes, not a database. " * 100)


def an_empty_file(path):
    path.write_bytes(b"")


def a_directory(path):
    path.mkdir()


def a_database(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")


def another_store(path):
    SqliteStore(path.with_name("other.db")).close()
    path.with_name("other.db").rename(path)


@pytest.mark.parametrize("foreign", [a_text, an_empty_file, a_directory, a_database, another_store])
def test_another_file_in_its_place_is_left_alone_until_it_is_gone(site, foreign):
    site.send(5)
    elsewhere = site.path.rename(site.path.with_name("elsewhere.db"))
    foreign(site.path)
    before = site.path.read_bytes() if site.path.is_file() else None
    site.until(lambda: "another file stands in its place" in site.is_refused())
    assert before is None or site.path.read_bytes() == before
    (rescued,) = beside(site, "rescued")
    assert set(site.acknowledged) <= events_in(rescued), "should the process be killed now"
    site.path.rename(site.path.with_name("foreign"))
    site.send_until_taken()
    assert site.all_is_there()
    assert elsewhere.exists()
    assert beside(site, "rescued") == []


def test_the_right_file_may_come_back_to_its_place(site):
    site.send(5)
    elsewhere = site.path.rename(site.path.with_name("elsewhere.db"))
    a_text(site.path)
    site.is_refused()
    elsewhere.rename(site.path)
    site.send_until_taken()
    assert beside(site, "replaced") == beside(site, "rescued") == []
    assert site.all_is_there()


def test_an_older_copy_in_its_place_takes_nothing_back(site, tmp_path):
    site.send(5)
    site.look_in()
    backup = shutil.copy(site.path, tmp_path / "backup.db")
    site.send(5)
    shutil.copy(backup, site.path.with_name("restored"))
    site.path.with_name("restored").rename(site.path)
    site.send(5)
    assert site.all_is_there()
    assert len(beside(site, "replaced")) == 1


def test_a_stop_while_another_file_is_in_the_way_loses_nothing(site):
    site.send(5)
    site.path.unlink()
    a_text(site.path)
    site.is_refused()
    site.close()
    (rescued,) = beside(site, "rescued")
    assert set(site.acknowledged) <= events_in(rescued)


def test_a_decision_that_was_committed_to_a_lost_file_is_not_told_as_one_that_never_happened(site):
    """Its caller would decide again: it waits until the decision is where it belongs."""

    def decide(tx):
        case = add_case(tx)
        site.path.unlink()  # after the last look before the commit
        a_text(site.path)
        return case

    answers = []
    caller = threading.Thread(target=lambda: answers.append(site.store.run_now(decide)))
    caller.start()
    site.until(lambda: site.path.is_file() and site.path.read_bytes().startswith(b"my notes"))
    assert "another file" in site.is_refused()
    assert answers == [] and caller.is_alive()
    site.path.unlink()
    caller.join()
    (case,) = answers
    assert site.store.run_now(lambda tx: tx.case(case.id)) == case


def lose_it_with_the_next_event(site) -> None:
    def lose():
        site.path.unlink()
        a_text(site.path)

    def arm(tx):
        tx._connection.create_function("lose", 0, lose)
        tx._connection.execute("CREATE TEMP TRIGGER meanwhile AFTER INSERT ON main.events BEGIN SELECT lose(); END")

    site.store.run_now(arm)


def test_a_sender_whose_event_was_committed_to_a_lost_file_comes_again(site):
    site.send()
    lose_it_with_the_next_event(site)
    assert "lost its file" in site.is_refused()
    site.path.unlink()
    site.send_until_taken()
    assert site.all_is_there()


def test_a_source_whose_events_were_committed_to_a_lost_file_hands_them_in_again(site):
    keep = Keep(accept([an_event(500)], child="netbox", received_at=1.0), child="netbox", remember={"cursor": "500"})
    lose_it_with_the_next_event(site)
    with pytest.raises(StoreUnavailable, match="lost its file"):
        site.store.run_now(keep)
    site.path.unlink()
    site.send_until_taken()
    assert site.store.run_now(keep) == [None] and site.store.run_now(lambda tx: tx.recall("netbox", "")) == {"cursor": "500"}
    assert site.all_is_there()


def test_a_lock_that_was_deleted_is_taken_again(site):
    lock = site.path.with_name("store.db.d") / "lock"
    lock.unlink()
    site.send()
    with pytest.raises(StoreError, match="in use by process"):
        SqliteStore(site.path)


def test_a_store_whose_lock_another_has_taken_is_not_written(site):
    directory = site.path.with_name("store.db.d")
    directory.rename(site.path.with_name("moved.d"))
    other = StoreLock(directory, site.path)
    assert "in use by process" in site.is_refused()
    other.release()
    site.send_until_taken()
    assert site.all_is_there()
