# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module case in real playbooks, against a real control socket over a real store."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    BACKOFF,
    EXHAUSTED,
    OPEN,
    RESOLVED,
    SUPPRESSED,
    VERIFYING,
    WAITING,
    CaseQuery,
    Storm,
)
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case, add_event

CASE = "eventops.infra.case"


def add(store, number: int, state: str, **differences) -> int:
    return store.run_now(lambda tx: add_case(tx, number, state=state, **differences)).id


def case_of(store, case_id: int):
    return store.run_now(lambda tx: tx.case(case_id))


def last_row(store, case_id: int):
    return store.run_now(lambda tx: tx.history(case_id))[-1]


def test_each_decision_once_and_not_again(site, store, router):
    far = time.time() + 3600
    states = {
        "approved": (add(store, 1, AWAITING_APPROVAL), OPEN),
        "rejected": (add(store, 2, AWAITING_APPROVAL), SUPPRESSED),
        "resolved": (add(store, 3, VERIFYING), RESOLVED),
        "suppressed": (add(store, 4, OPEN), SUPPRESSED),
        "retried": (add(store, 5, WAITING, waits_for=BACKOFF, due_at=far), OPEN),
        "annotated": (add(store, 6, EXHAUSTED), EXHAUSTED),
    }
    tasks = [{CASE: {"case": case_id, "state": state, "by": "alice", "why": "as agreed"}} for state, (case_id, _after) in states.items()]

    run, first = site.ask(*tasks)
    again, second = site.ask(*tasks)

    assert (run.rc, again.rc) == (0, 0), run.output + again.output
    assert [each["changed"] for each in first] == [True] * len(states)
    assert [each["changed"] for each in second] == [False] * len(states)
    for (state, (case_id, after)), result in zip(states.items(), first):
        assert (result["case"]["id"], result["case"]["state"], case_of(store, case_id).state) == (case_id, after, after), state
        assert (last_row(store, case_id).by, last_row(store, case_id).why.endswith("as agreed")) == ("alice", True), state


def test_check_mode_and_diff_tell_what_would_change(site, store, router):
    case_id = add(store, 1, AWAITING_APPROVAL)
    exhausted = add(store, 2, EXHAUSTED)
    store.run_now(lambda tx: tx.save_storm(Storm(1.0, 80, 100), now=1.0))
    tasks = [
        {CASE: {"case": case_id, "state": "approved"}},
        {CASE: {"state": "paused", "match": {"host": "web-*"}}},
        {CASE: {"state": "resumed"}},
        {CASE: {"state": "released"}},
        {CASE: {"case": exhausted, "state": "annotated", "note": "the disk is full"}},
        {CASE: {"case": exhausted, "state": "approved"}},
    ]
    before = store.run_now(lambda tx: tx.find_cases(CaseQuery()))

    run, (approved, paused, resumed, released, annotated, impossible) = site.ask(*tasks, options=["--check", "--diff"])

    assert [each["changed"] for each in (approved, paused, resumed, released, annotated)] == [True, True, False, True, True]
    assert impossible["failed"] and "exhausted" in impossible["msg"]
    assert '"state": "awaiting_approval"' in approved["diff"]["before"] and '"state": "open"' in approved["diff"]["after"]
    assert re.search(r'^- +"state": "awaiting_approval"', run.output, re.MULTILINE) and re.search(r'^\+ +"state": "open"', run.output, re.MULTILINE)
    assert store.run_now(lambda tx: (tx.find_cases(CaseQuery()), tx.pauses(time.time()), tx.storm())) == (before, [], Storm(1.0, 80, 100))
    assert len(store.run_now(lambda tx: tx.history(exhausted))) == 1


def test_many_cases_by_a_match_and_one_by_its_key(site, store, router):
    web = [add(store, number, AWAITING_APPROVAL, name="DiskFull", hosts=(f"web-0{number}",)) for number in (1, 2)]
    other = add(store, 3, AWAITING_APPROVAL, name="DiskFull", hosts=("db-01",))

    _run, (matched, keyed, none) = site.ask(
        {CASE: {"match": {"name": "DiskFull", "host": ["web-*"]}, "state": "approved", "by": "alice"}},
        {CASE: {"dedup_key": "alert/ServiceDown/3", "state": "rejected", "by": "alice"}},
        {CASE: {"match": {"host": "mail-*"}, "state": "approved"}},
    )

    assert matched["changed"] and {each["id"] for each in matched["cases"]} == set(web) and "case" not in matched
    assert {case_of(store, each).state for each in web} == {OPEN}
    assert keyed["case"]["id"] == other and case_of(store, other).state == SUPPRESSED
    assert (none["changed"], none["cases"]) == (False, [])


def test_an_approval_is_of_what_was_looked_at(site, store, router):
    case_id = add(store, 1, AWAITING_APPROVAL)

    def join(tx):
        row = add_event(tx, 2, hosts=("db-01",))
        tx.mark_handled(row, case_id)
        tx.save_case(replace(tx.case(case_id), event_row=row), "joined")

    seen = case_of(store, case_id).event_row
    store.run_now(join)
    _run, (old, _looked, new) = site.ask(
        {CASE: {"case": case_id, "state": "approved", "seen": seen, "by": "alice"}},
        {"eventops.infra.case_info": {"state": ["awaiting_approval"]}},
        {CASE: {"case": case_id, "state": "approved", "seen": "{{ result_1.cases[0].event_row }}", "by": "alice"}},
    )

    assert old["failed"] and "look again" in old["msg"]
    assert new["changed"] and case_of(store, case_id).state == OPEN


def test_pauses_begin_and_end(site, store, router):
    begun = time.time()
    _run, (whole, hosts, longer, by_match, by_id, everything) = site.ask(
        {CASE: {"state": "paused", "by": "alice", "why": "the core switch is replaced"}},
        {CASE: {"state": "paused", "match": {"host": "db-*"}, "for": "2h", "by": "nightly.yml"}},
        {CASE: {"state": "paused", "match": {"host": ["db-*"]}, "until": "2999-01-31T12:00:00Z", "by": "nightly.yml"}},
        {CASE: {"state": "resumed", "match": {"host": "db-*"}, "by": "bob"}},
        {CASE: {"state": "resumed", "pause": "{{ result_0.pauses[0].id }}", "by": "bob"}},
        {CASE: {"state": "resumed", "by": "bob"}},
    )

    assert [(each["match"], each["why"], each["until"]) for each in whole["pauses"]] == [({}, "the core switch is replaced", None)]
    assert [each["match"] for each in hosts["pauses"]] == [{}, {"host": "db-*"}] and hosts["changed"]
    assert [each["until"] for each in longer["pauses"]] == [None, "2999-01-31T12:00:00Z"] and longer["changed"]
    assert [each["match"] for each in by_match["pauses"]] == [{}]
    assert by_id["pauses"] == [] and by_id["changed"]
    assert everything["pauses"] == [] and not everything["changed"]
    assert store.run_now(lambda tx: tx.pauses(begun)) == []


def test_a_storm_is_released(site, store, router):
    store.run_now(lambda tx: tx.save_storm(Storm(1.0, 80, 100), now=1.0))

    _run, (first, second) = site.ask(*[{CASE: {"state": "released", "by": "alice"}}] * 2)

    assert (first["changed"], first["storm"]["released_by"], second["changed"]) == (True, "alice", False)
    assert store.run_now(lambda tx: tx.storm()).released_by == "alice"


def test_who_decided_is_the_user_unless_it_is_said(site, store, router):
    case_id = add(store, 1, OPEN)

    site.ask({CASE: {"case": case_id, "state": "suppressed"}})

    assert case_of(store, case_id).decided_by.endswith(f"(uid {os.getuid()})")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"case": 99, "state": "approved"}, "there is no case 99"),
        ({"state": "approved"}, "name them by one of case, dedup_key, match"),
        ({"case": 1, "state": "approved", "until": "2999-01-31T12:00:00Z"}, "until cannot go with state approved"),
        ({"case": 1, "state": "rejected", "seen": 1}, "seen cannot go with state rejected"),
        ({"match": {}, "state": "approved", "seen": 1}, "seen: goes only with the approval of one case"),
        ({"case": 1, "state": "paused"}, "case cannot go with state paused"),
        ({"case": 1, "match": {}, "state": "approved"}, "mutually exclusive"),
        ({"case": 1, "state": "annotated"}, "missing: why"),
        ({"case": 1, "state": "done"}, "value of state must be one of"),
        ({"case": "seventeen", "state": "approved"}, "case"),
        ({"state": "paused", "match": {"hosts": "web-01"}}, "match.hosts"),
        ({"state": "paused", "for": "soon"}, "for: "),
        ({"state": "paused", "until": "tomorrow"}, "until: must be RFC 3339"),
    ],
)
def test_a_mistake_fails_with_what_to_do(site, store, router, arguments, message):
    _run, (result,) = site.ask({CASE: arguments})

    assert result["failed"] and message in result["msg"]
    assert "Traceback" not in result.get("exception", "")


def test_where_no_router_runs(site):
    _run, (result, elsewhere) = site.ask({CASE: {"case": 1, "state": "approved"}}, {CASE: {"case": 1, "state": "approved", "store": "~/elsewhere.db"}})

    assert result["failed"] and "no router of the store" in result["msg"] and site.env["EVENTOPS_STORE"] in result["msg"]
    assert elsewhere["failed"] and f"{site.env['HOME']}/elsewhere.db" in elsewhere["msg"]


def test_text_of_events_comes_back_harmless(site, store, router, directory):
    evil = f"{{{{ lookup('pipe', 'touch {directory}/PWNED') }}}}"
    case_id = add(store, 1, OPEN, name=evil, subject=evil)

    _run, (result,) = site.ask({CASE: {"case": case_id, "state": "suppressed", "by": "alice"}})

    assert result["case"]["name"].startswith("\uff5b{") and "{{" not in str(result)
    assert case_of(store, case_id).name == evil, "the store keeps the original"
    assert not (directory / "PWNED").exists()
