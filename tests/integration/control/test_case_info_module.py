# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module case_info in real playbooks, against a real control socket over a real store."""

from __future__ import annotations

import time

import yaml
from ansible_collections.eventops.infra.plugins.modules import case_info
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    AWAITING_APPROVAL,
    DISPATCHED,
    EXHAUSTED,
    OPEN,
    RESOLVED,
    ExecutionRow,
    Pause,
    Storm,
)
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case, add_dispatch

INFO = "eventops.infra.case_info"


def test_cases_are_found_by_each_filter(site, store, router):
    def fill(tx):
        add_case(tx, 1, state=OPEN, name="DiskFull", hosts=("web-01", "web-02"), severity="info")
        add_case(tx, 2, state=EXHAUSTED, name="ServiceDown", hosts=("web-02",))
        add_case(tx, 3, state=RESOLVED, live=False, kind="request", type="request.user.onboard", hosts=(), subject="jdoe", updated_at=time.time())

    store.run_now(fill)
    filters = [
        ({}, [3, 2, 1]),
        ({"case": [1, 3]}, [3, 1]),
        ({"id": 2}, [2]),
        ({"state": [OPEN, EXHAUSTED]}, [2, 1]),
        ({"kind": "request"}, [3]),
        ({"type": "alert.firing"}, [2, 1]),
        ({"name": "DiskFull"}, [1]),
        ({"severity": "info"}, [1]),
        ({"host": "web-02"}, [2, 1]),
        ({"dedup_key": "alert/ServiceDown/2"}, [2]),
        ({"text": "jdo"}, [3]),
        ({"live": False}, [3]),
        ({"updated_after": "2026-01-31T12:00:00Z"}, [3]),
        ({"before_id": 3, "limit": 1}, [2]),
        ({"limit": 0}, []),
        ({"host": "web-02", "state": [OPEN, RESOLVED]}, [1]),
    ]

    run, results = site.ask(*[{INFO: arguments} for arguments, _ids in filters], options=["--check"])

    assert run.rc == 0, run.output
    assert [[each["id"] for each in result["cases"]] for result in results] == [ids for _arguments, ids in filters]
    assert not any(result["changed"] for result in results)


def test_what_is_returned_is_what_is_documented(site, store, router):
    def happen(tx):
        case = add_case(tx, state=DISPATCHED, dispatch="u-1")
        add_dispatch(tx, "u-1", case)
        tx.put_executions([ExecutionRow("u-1", 7, "heal.yml", "web-01", "failed", 1, 2.5, "no way", "2026-01-31T12:00:00Z", None)])
        tx.add_pause(Pause(match={"host": "web-*"}, since=time.time(), by="alice", why="rack 7"))
        tx.save_storm(Storm(1.0, 80, 100), now=1.0)

    store.run_now(happen)
    documented = yaml.safe_load(case_info.RETURN)

    _run, (result,) = site.ask({INFO: {"story": True, "run_on": ["web-01"]}})

    own = {"failed", "warnings", "deprecations"}
    assert result.keys() - own == documented.keys() | {"changed"}
    (case,) = result["cases"]
    assert case.keys() == documented["cases"]["contains"].keys()
    (run,) = case["runs"]
    assert (run["uuid"], run["results"][0]["host"], run["results"][0]["error"]) == ("u-1", "web-01", "no way")
    assert case["history"][0]["why"] == "opened by the test" and case["events"][0]["event"]["id"] == "event-1"
    (pause,) = result["pauses"]
    assert pause.keys() == documented["pauses"]["contains"].keys()
    assert (result["router"], result["mode"], result["unfinished"], result["storm"]["unhealthy"]) == (True, "approve", {DISPATCHED: 1}, 80)


def test_which_pauses_hold_for_a_run(site, store, router):
    def fill(tx):
        for match in ({"host": "web-*"}, {"name": "DiskFull"}, {"name": "ServiceDown"}):
            tx.add_pause(Pause(match=match, since=time.time(), by="alice"))
        return add_case(tx, name="DiskFull").id

    case_id = store.run_now(fill)

    _run, (by_hand, of_case, elsewhere, wrong) = site.ask(
        {INFO: {"run_on": ["db-01", "web-01"]}}, {INFO: {"run_on": ["web-01"], "run_of": case_id}}, {INFO: {"run_on": ["db-01"]}}, {INFO: {"run_of": case_id}}
    )

    assert [each["match"] for each in by_hand["paused_by"]] == [{"host": "web-*"}]
    assert [each["match"] for each in of_case["paused_by"]] == [{"host": "web-*"}, {"name": "DiskFull"}]
    assert elsewhere["paused_by"] == []
    assert wrong["failed"] and "run_on" in wrong["msg"]


def test_text_of_events_comes_back_harmless(site, store, router, directory):
    evil = f"{{{{ lookup('pipe', 'touch {directory}/PWNED') }}}}"
    store.run_now(lambda tx: tx.note(add_case(tx, state=AWAITING_APPROVAL, reason=evil).id, evil, by="alice", now=1.0))

    _run, (result, _shown) = site.ask({INFO: {"story": True}}, {"ansible.builtin.debug": {"msg": "{{ result_0.cases[0].reason }}"}})

    assert "{{" not in str(result)
    assert not (directory / "PWNED").exists()


def test_where_no_router_runs(site):
    _run, (required, optional) = site.ask({INFO: {}}, {INFO: {"optional": True, "run_on": ["web-01"]}})

    assert required["failed"] and "start ansible-rulebook" in required["msg"]
    assert (optional["router"], optional["cases"], optional["pauses"], optional["paused_by"]) == (False, [], [], [])


def test_a_filter_that_makes_no_sense(site, store, router):
    _run, (result,) = site.ask({INFO: {"state": "done"}})

    assert result["failed"] and "must be one of awaiting_approval" in result["msg"]
