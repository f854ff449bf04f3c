# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module event in real playbooks: when it returns, the event is in the store."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import PLAYBOOKS

EVENT = "eventops.infra.event"


def kept(store) -> list:
    return [row.event for row in store.run_now(lambda tx: tx.unhandled_events(100))]


def test_an_event_is_kept_with_all_that_was_said(site, store, router):
    given = {
        "type": "alert.firing",
        "hosts": ["web-01", "web-02"],
        "severity": "critical",
        "subject": "the web",
        "dedup_key": "alert/web",
        "id": "42",
        "source": "backup.yml",
        "time": "2026-01-31T13:00:00+01:00",
        "data": {"name": "BackupTooOld", "age": 3, "password": "hunter2"},
    }

    run, (first, second) = site.ask({EVENT: given}, {EVENT: given})

    assert run.rc == 0, run.output
    (event,) = kept(store)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["event"] == event.to_mapping() == second["event"]
    assert (event.time, event.data) == ("2026-01-31T12:00:00Z", {"name": "BackupTooOld", "age": 3, "password": "[redacted]"})


def test_what_is_not_said_has_defaults(site, store, router):
    _run, results = site.ask(*[{EVENT: {"type": "request.report"}}] * 2)

    first, second = kept(store)
    assert all(result["changed"] for result in results) and first.id != second.id
    assert (first.source, first.severity, first.hosts, first.dedup_key) == (PLAYBOOKS, "info", (), f"request.report/{first.id}")


def test_check_mode_hands_in_nothing(site, store, router):
    _run, (event,) = site.ask({EVENT: {"type": "request.report", "id": "1"}}, options=["--check", "--diff"])

    assert event["changed"] and '"id": "1"' in event["diff"]["after"]
    assert kept(store) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"type": "case.exhausted"}, "the router's own"),
        ({"type": "x", "dedup_key": "case.storm"}, "the router's own"),
        ({"type": "x", "time": "yesterday"}, "time: must be RFC 3339"),
        ({"type": "x", "severity": "bad"}, "severity"),
        ({"hosts": ["web-01"]}, "type"),
        ({"type": "x", "data": {"text": "x" * 70_000}}, "at most 65536"),
    ],
)
def test_an_event_that_cannot_be_taken(site, store, router, arguments, message):
    _run, (result,) = site.ask({EVENT: arguments})

    assert result["failed"] and message in result["msg"]
    assert kept(store) == []


def test_a_store_that_cannot_be_written_fails_the_task(site, store, router):
    store.close()

    _run, (result,) = site.ask({EVENT: {"type": "x"}})

    assert result["failed"] and "store" in result["msg"]
