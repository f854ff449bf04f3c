# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sessions end, are bounded, and are never made of what a browser brings."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.console import sessions
from ansible_collections.eventops.infra.plugins.plugin_utils.console.sessions import LIFETIME_SECONDS, Sessions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_after_a_day_of_work():
    clock = Clock()
    kept = Sessions(clock)
    session = kept.begin("ann")
    clock.now = LIFETIME_SECONDS - 1
    assert kept.find(session.id) is session
    clock.now = LIFETIME_SECONDS
    assert kept.find(session.id) is None


def test_signing_out_ends_it_at_once():
    kept = Sessions()
    session, other = kept.begin("ann"), kept.begin("ann")
    kept.end(session)
    kept.end(session)
    assert kept.find(session.id) is None and kept.find(other.id) is other


def test_what_a_browser_makes_up_is_no_session():
    kept = Sessions()
    kept.begin("ann")
    assert [kept.find(text) for text in (None, "", "made-up")] == [None] * 3


def test_ids_and_words_are_long_and_all_different():
    kept = Sessions()
    words = [word for session in (kept.begin("ann"), kept.begin("ann")) for word in (session.id, session.csrf)]
    assert len(set(words)) == 4 and min(map(len, words)) >= 43


def test_the_oldest_goes_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(sessions, "_MOST_SESSIONS", 3)
    kept = Sessions()
    begun = [kept.begin("ann") for _turn in range(5)]
    assert [kept.find(session.id) is not None for session in begun] == [False, False, True, True, True]


def test_those_that_have_ended_make_room_first(monkeypatch):
    monkeypatch.setattr(sessions, "_MOST_SESSIONS", 2)
    clock = Clock()
    kept = Sessions(clock)
    kept.begin("ann")
    clock.now = LIFETIME_SECONDS / 2
    lasting = kept.begin("ann")
    clock.now = LIFETIME_SECONDS + 1
    kept.begin("ann")
    assert kept.find(lasting.id) is lasting


def test_a_notice_is_said_once():
    session = Sessions().begin("ann")
    session.notice = "Paused."
    assert (session.take_notice(), session.take_notice()) == ("Paused.", "")
    assert session.id not in repr(session) and session.csrf not in repr(session)
