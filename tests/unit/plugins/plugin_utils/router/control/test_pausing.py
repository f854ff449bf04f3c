# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people may do to everything at once: pause, resume, and the release of a storm."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import pausing
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Storm

NOW = 1000.0


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture
def do(store):
    """Run one of the transactions."""

    def run(transaction, *args, **kwargs):
        return store.run_now(lambda tx: transaction(tx, *args, **{"now": NOW, "by": "alice", **kwargs}))

    return run


def held(pauses) -> list[tuple]:
    return [(dict(each.match), each.by, each.until) for each in pauses]


def test_a_pause_holds_until_it_is_resumed(do, store):
    begun = do(pausing.pause, {}, why="the switch is replaced")

    assert begun.changed and begun.before == ()
    assert held(begun.after) == [({}, "alice", None)]
    assert begun.after[0].why == "the switch is replaced"
    ended = do(pausing.resume_all, by="bob")
    assert ended.changed and ended.before == begun.after and ended.after == ()
    assert store.run_now(lambda tx: tx.pauses(NOW)) == []
    assert not do(pausing.resume_all).changed


def test_the_same_pause_again_changes_nothing_but_to_last_longer(do):
    assert do(pausing.pause, {"host": "web-*"}, until=NOW + 60).changed
    assert not do(pausing.pause, {"host": ["web-*"]}, until=NOW + 60).changed, "a text is a list of one"
    assert not do(pausing.pause, {"host": "web-*"}, until=NOW + 30).changed, "it lasts that long anyway"
    longer = do(pausing.pause, {"host": "web-*"}, until=NOW + 90, now=NOW + 10)
    assert held(longer.after) == [({"host": "web-*"}, "alice", NOW + 90)]
    assert longer.after[0].since == NOW, "it has been paused since then"
    assert held(do(pausing.pause, {"host": "web-*"}).after) == [({"host": "web-*"}, "alice", None)]
    assert not do(pausing.pause, {"host": "web-*"}, until=NOW + 90).changed


def test_a_playbooks_short_pause_does_not_end_a_persons_long_one(do, store):
    do(pausing.pause, {}, by="alice")
    do(pausing.pause, {}, by="nightly.yml", until=NOW + 60)

    assert held(store.run_now(lambda tx: tx.pauses(NOW + 61))) == [({}, "alice", None)]


def test_one_pause_is_resumed_by_its_id_and_all_of_a_match_by_the_match(do):
    do(pausing.pause, {"host": ["a", "b"]}, by="alice")
    do(pausing.pause, {"host": ["b", "a"]}, by="bob")
    wide = do(pausing.pause, {}, by="alice").after[-1]

    assert not do(pausing.resume_matching, {"host": "a"}).changed, "a narrower match is another pause"
    assert held(do(pausing.resume_matching, {"host": ["b", "a"]}).after) == [({}, "alice", None)]
    assert do(pausing.resume, wide.id).after == ()
    assert not do(pausing.resume, wide.id).changed
    assert not do(pausing.resume, 99).changed


def test_a_pause_that_ran_out_is_none(do):
    do(pausing.pause, {}, until=NOW + 60)

    assert not do(pausing.resume_all, now=NOW + 60).changed
    assert do(pausing.pause, {}, until=NOW + 120, now=NOW + 60).after[0].since == NOW + 60


def test_a_storm_is_released_once(do, store):
    assert not do(pausing.release).changed, "there is none"
    store.run_now(lambda tx: tx.save_storm(Storm(NOW - 5, 80, 100), now=NOW - 5))

    released = do(pausing.release, by="alice")

    assert released.changed and released.before == Storm(NOW - 5, 80, 100)
    assert released.after == Storm(NOW - 5, 80, 100, "alice") == store.run_now(lambda tx: tx.storm())
    assert not do(pausing.release, by="bob").changed
