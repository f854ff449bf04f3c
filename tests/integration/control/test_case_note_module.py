# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module case_note in real playbooks, against a real control socket over a real store."""

from __future__ import annotations

import json

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import OPEN
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case

NOTE = "eventops.infra.case_note"
HOST = "unreachable-01"


def notes_of(store, case_id: int) -> list[str]:
    return [row.why for row in store.run_now(lambda tx: tx.history(case_id)) if row.from_state == row.to_state]


def event(site, **attributes) -> tuple[str, ...]:
    """Return the options that give a playbook an event, as ansible-rulebook does."""
    path = site.write("event.json", json.dumps({"ansible_eda": {"event": attributes}}))
    return ("--extra-vars", f"@{path}")


def test_notes_go_into_the_cases_that_are_about_the_host_and_no_others(site, store, router):
    ours, theirs, also_ours = (store.run_now(lambda tx, number=number: add_case(tx, number, state=OPEN)).id for number in (1, 2, 3))
    entries = [{"case": ours, "hosts": [HOST]}, {"case": theirs, "hosts": ["web-02"]}, {"case": also_ours, "hosts": ["web-02", HOST]}]

    run, [result] = site.ask({NOTE: {"notes": ["the disk is full", "x" * 3000]}}, options=event(site, case={"id": ours}, events=entries))

    assert run.rc == 0, run.output
    assert (result["changed"], result["cases"], result["problems"]) == (True, [ours, also_ours], [])
    for case_id in (ours, also_ours):
        first, second = notes_of(store, case_id)[-2:]
        assert first == "the disk is full"
        assert second.startswith("xxx") and len(second) <= 1000
    assert notes_of(store, theirs) == []


def test_a_host_that_says_very_much_fills_no_store(site, store, router):
    ours = store.run_now(lambda tx: add_case(tx, 1, state=OPEN)).id

    run, [result] = site.ask({NOTE: {"notes": [f"seen {number}" for number in range(300)]}}, options=event(site, case={"id": ours}, events=[]))

    assert run.rc == 0, run.output
    assert result["cases"] == [ours]
    assert len(notes_of(store, ours)) == 50
    assert notes_of(store, ours)[-1] == "251 more notes are left out"


def test_in_check_mode_and_by_hand_nothing_is_written(site, store, router):
    ours = store.run_now(lambda tx: add_case(tx, 1, state=OPEN)).id

    run, [checked] = site.ask({NOTE: {"notes": ["found"]}}, options=("--check", *event(site, case={"id": ours}, events=[])))
    _run, [by_hand] = site.ask({NOTE: {"notes": ["found"]}})

    assert run.rc == 0, run.output
    assert checked["cases"] == [ours]
    assert (by_hand["changed"], by_hand["cases"]) == (False, [])
    assert notes_of(store, ours) == []


def test_without_a_router_it_says_what_was_not_written_and_does_not_fail(site):
    _run, [result] = site.ask({NOTE: {"notes": ["found"]}}, options=event(site, case={"id": 17}, events=[]))

    assert not result.get("failed")
    assert (result["changed"], result["cases"]) == (False, [])
    assert "case 17" in result["problems"][0]
