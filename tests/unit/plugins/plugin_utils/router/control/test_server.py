# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the control socket answers, asked by the client that playbooks use, and by clients that mean no good."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import AWAITING_APPROVAL, OPEN, RESOLVED, SUPPRESSED, Storm

from ...store.promises.examples import add_case, add_event, an_event
from .on_a_socket import place, router, served, store
from .serving import MAX_EVENT_BYTES

FIXTURES = (place, router, served, store)


def refused(status: int, ask) -> str:
    with pytest.raises(Refused) as answer:
        ask()
    assert answer.value.status == status, answer.value
    return str(answer.value)


def raw(place: Path, request: bytes) -> bytes:
    """Send bytes and return all that comes back."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(place))
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65_536):
            answer += received
        return answer


def test_a_case_is_approved(router, store):
    case = store.run_now(lambda tx: add_case(tx, state=AWAITING_APPROVAL, mode="approve", name="DiskFull"))

    answer = router.post("/cases/approve", {"case": case.id, "by": "alice", "why": "looks right"})

    assert answer["changed"]
    (change,) = answer["cases"]
    assert (change["before"]["state"], change["after"]["state"], change["after"]["decided_by"]) == (AWAITING_APPROVAL, OPEN, "alice")
    assert store.run_now(lambda tx: tx.case(case.id)).state == OPEN
    assert not router.post("/cases/approve", {"dedup_key": case.dedup_key, "by": "alice"})["changed"]


def test_who_asks_is_known_where_nobody_says_it(router, store):
    case = store.run_now(add_case)

    router.post("/cases/suppress", {"match": {"host": "web-*"}})

    assert store.run_now(lambda tx: tx.case(case.id)).decided_by.endswith(f"(uid {os.getuid()})")


def test_a_check_changes_nothing(router, store):
    case = store.run_now(add_case)

    assert router.post("/cases/suppress", {"case": case.id, "check": True})["cases"][0]["after"]["state"] == SUPPRESSED
    assert router.post("/pause", {"check": True})["after"][0]["match"] == {}
    assert router.post("/events", {"event": {"type": "x"}, "check": True})["changed"]

    assert store.run_now(lambda tx: (tx.case(case.id), tx.pauses(0.0), tx.unhandled_events(9))) == (case, [], [])


def test_a_pause_has_an_end_by_time_or_by_duration(router):
    first = router.post("/pause", {"match": {"host": "web-01"}, "until": "2999-01-31T13:00:00+01:00", "by": "alice"})
    second = router.post("/pause", {"for": "15m", "by": "alice", "why": "rack 7"})

    assert first["after"][0]["until"] == "2999-01-31T12:00:00Z"
    assert [(each["match"], each["why"]) for each in second["after"]] == [({"host": "web-01"}, ""), ({}, "rack 7")]
    assert router.get("/status")["pauses"] == second["after"]
    assert router.post("/held", {"hosts": ["web-02"]})["pauses"] == second["after"][1:]
    assert router.post("/resume", {"pause": second["after"][1]["id"], "by": "bob"})["after"] == first["after"]
    assert router.post("/resume", {"match": {}})["changed"] is False
    assert router.post("/resume", {})["after"] == []


def test_a_storm_is_released(router, store):
    assert router.post("/release", {"by": "alice"}) == {"changed": False, "before": None, "after": None}
    store.run_now(lambda tx: tx.save_storm(Storm(1.0, 80, 100), now=1.0))
    assert router.post("/release", {"by": "alice"})["after"]["released_by"] == "alice"
    assert router.get("/status")["storm"]["released_by"] == "alice"


def test_cases_are_found_and_told_of(router, store):
    ids = store.run_now(lambda tx: [add_case(tx, n, state=state, live=False, hosts=(f"web-{n}",)).id for n, state in enumerate([RESOLVED, OPEN, RESOLVED])])

    assert [each["id"] for each in router.post("/find", {})["cases"]] == ids[::-1]
    assert [each["id"] for each in router.post("/find", {"states": ["resolved"], "hosts": ["web-0"]})["cases"]] == [ids[0]]
    assert router.post("/find", {"limit": 0})["cases"] == []
    (told,) = router.post("/find", {"ids": [ids[1]], "story": True})["cases"]
    assert told == router.get(f"/cases/{ids[1]}")
    assert [each["why"] for each in told["history"]] == ["opened by the test"]
    assert told["events"][0]["event"]["data"] == {"name": "ServiceDown"}
    assert router.post("/find", {"updated_after": "2026-01-31T12:00:00Z"})["cases"] == []


def test_large_events_are_named_and_left_out(router, store):
    """So that nobody's question makes the router read and write for seconds, while alerts wait."""

    def join(tx, case, number, characters):
        row = tx.insert_event(an_event(number, data={"text": "x" * characters}), child="monitors", received_at=1.0)
        tx.mark_handled(row, case.id)

    first, second = store.run_now(lambda tx: [add_case(tx, number) for number in (1, 2)])
    store.run_now(lambda tx: [join(tx, first, 3, 3_000_000), join(tx, first, 4, 10), join(tx, second, 5, 2_000_000), join(tx, second, 6, 1_500_000)])

    newer, older = router.post("/find", {"story": True})["cases"]
    alone = router.get(f"/cases/{first.id}")

    assert [each["event"]["id"] for each in newer["events"]] == ["event-6", "event-5", "event-2"] and newer["events_left_out"] == []
    assert [each["event"]["id"] for each in older["events"]] == ["event-4", "event-1"]
    assert [(each["id"], each["child"], 3_000_000 < each["bytes"] < 3_001_000) for each in older["events_left_out"]] == [("event-3", "monitors", True)]
    assert [each["event"]["id"] for each in alone["events"]] == ["event-4", "event-3", "event-1"] and alone["events_left_out"] == []


def test_an_event_is_taken_in(router, store):
    answer = router.post("/events", {"event": {"type": "request.report", "id": "1", "data": {"text": "x" * (MAX_EVENT_BYTES - 100)}}})

    assert answer["changed"] and answer["event"]["dedup_key"] == "request.report/1"
    assert [row.event.id for row in store.run_now(lambda tx: tx.unhandled_events(9))] == ["1"]
    assert not router.post("/events", {"event": {"type": "request.report", "id": "1"}})["changed"]


@pytest.mark.parametrize(
    ("path", "body", "mistake"),
    [
        ("/cases/approve", {}, "one of case, dedup_key, match, got none"),
        ("/cases/approve", {"case": 1, "match": {}}, "got case and match"),
        ("/cases/approve", {"case": "1"}, "case: must be a whole number, got the string '1'"),
        ("/cases/approve", {"case": 1, "bye": "alice"}, "bye: .*by"),
        ("/cases/approve", {"match": {"hosts": "x"}}, "match.hosts"),
        ("/cases/annotate", {"case": 1}, "why: must be the text of the note"),
        ("/cases/approve", {"case": 1, "by": "router"}, "by: must say which person"),
        ("/pause", {"until": "tomorrow"}, "until: must be RFC 3339"),
        ("/pause", {"for": "soon"}, "for: "),
        ("/pause", {"for": 60, "until": "2999-01-31T12:00:00Z"}, "got both"),
        ("/pause", {"until": "2001-01-31T12:00:00Z"}, "until: must be a time in the future"),
        ("/resume", {"pause": 1, "match": {}}, "got both"),
        ("/find", {"states": ["done"]}, r"states\[0\]: .*got the string 'done'"),
        ("/find", {"limit": 5000}, "limit: "),
        ("/events", {}, "event: is missing"),
        ("/events", {"event": {"type": "case.storm"}}, "the router's own"),
        ("/events", {"event": {"type": "x", "case": {"id": 1}}}, "event.case"),
        ("/events", {"event": {"type": "x", "data": {"text": "x" * 2 * MAX_EVENT_BYTES}}}, "at most 65536"),
    ],
)
def test_what_makes_no_sense_is_answered_with_where_and_what(router, path, body, mistake):
    assert re.search(mistake, refused(400, lambda: router.post(path, body)))


def test_what_is_not_possible_or_not_there(router, store):
    case = store.run_now(lambda tx: add_case(tx, state=RESOLVED, live=False))

    assert "case 1 is resolved" in refused(409, lambda: router.post("/cases/approve", {"case": case.id}))
    refused(404, lambda: router.post("/cases/approve", {"case": 99}))
    refused(404, lambda: router.get("/cases/99"))
    refused(404, lambda: router.get("/cases/../status"))
    refused(404, lambda: router.post("/cases/delete", {"case": case.id}))
    refused(405, lambda: router.get("/pause"))


def test_a_store_that_cannot_be_written(router, store, place):
    store.close()

    refused(503, lambda: router.post("/pause", {}))
    assert b"Retry-After: 5" in raw(place, b"POST /pause HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"case": NaN}', b"[" * 100_000, b"\xff\xfe", b'"text"', b"null"])
def test_a_body_that_is_no_object(place, body):
    answer = raw(place, b"POST /cases/approve HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    assert answer.startswith(b"HTTP/1.1 400 ") and b"Traceback" not in answer


def test_a_body_that_is_too_large_is_not_read(place, router):
    answer = raw(place, b"POST /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2000000000\r\n\r\n" + b"{" * 3_000_000)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert router.get("/status")["mode"] == "approve"


def test_an_approval_says_what_was_seen(router, store):
    case = store.run_now(lambda tx: add_case(tx, state=AWAITING_APPROVAL, mode="approve"))

    def join(tx):
        row = add_event(tx, 2, hosts=("db-01",))
        tx.mark_handled(row, case.id)
        tx.save_case(replace(case, event_row=row), "joined")

    (told,) = router.post("/find", {"ids": [case.id]})["cases"]
    store.run_now(join)
    assert "look again" in refused(409, lambda: router.post("/cases/approve", {"case": case.id, "seen": told["event_row"], "by": "alice"}))
    assert "seen" in refused(400, lambda: router.post("/cases/approve", {"match": {}, "seen": told["event_row"], "by": "alice"}))
    assert "seen" in refused(400, lambda: router.post("/cases/reject", {"case": case.id, "seen": told["event_row"], "by": "alice"}))
    assert store.run_now(lambda tx: tx.case(case.id)).state == AWAITING_APPROVAL
    (told,) = router.post("/find", {"ids": [case.id]})["cases"]
    assert router.post("/cases/approve", {"case": case.id, "seen": told["event_row"], "by": "alice"})["changed"]
