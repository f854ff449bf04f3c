# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-rulebook is killed at the worst moments: nothing is lost, nothing runs twice at once, nothing that ended runs again."""

from __future__ import annotations

import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.executions import directory_of, list_dispatches, read_dispatch
from ansible_collections.eventops.infra.tests.e2e.restarts.worksite import QUICK, Site
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

REQUEST = "request.report"
FIRING = "alert.firing"


def only_dispatch(site: Site, host: str) -> dict:
    """Return the one dispatch to a host."""
    (dispatch,) = (each for each in site.ledger.dispatches() if each["hosts"] == [host])
    return dispatch


def test_a_run_that_outlives_the_kill_is_waited_for_and_its_result_taken(rulebook):
    """The host is left alone meanwhile, other hosts are served, and the waiting costs no processor time."""
    site = Site(rulebook).start()
    site.hold("web-01")
    site.post(REQUEST)
    site.wait_for_work_on("web-01")
    rulebook.kill()
    site.start()
    site.post(REQUEST, "web-02")
    site.wait_for_case(2, "resolved")
    site.post(REQUEST, "web-01")
    site.wait_for_case(3, "open")
    before = site.cpu_seconds
    time.sleep(2)
    assert site.cpu_seconds - before < 0.5
    assert len(site.works_on("web-01")) == 1, "the host is busy with the run of the life before"
    site.release("web-01")
    site.wait_for_case(1, "resolved")
    site.wait_for_case(3, "resolved")
    first, second = site.works_on("web-01")
    assert second.began > first.ended and second.dispatch != first.dispatch
    (dispatch,) = site.ledger.dispatches(uuid=first.dispatch)
    assert (dispatch["attempt"], dispatch["interruptions"], dispatch["outcome"]) == (1, 0, "succeeded")


def test_a_host_that_is_done_does_not_end_the_run_on_the_others(rulebook):
    """The first output after the kill has no reader; a run that ended over it would leave the other host's work behind without a lock."""
    site = Site(rulebook, tasks=2).start()
    site.hold("web-01", "web-02")
    site.post(REQUEST, hosts=["web-01", "web-02"])
    site.wait_for_work_on("web-01")
    site.wait_for_work_on("web-02")
    rulebook.kill()
    site.release("web-01")
    site.start()
    site.post(REQUEST, "localhost")
    site.wait_for_case(2, "resolved")
    assert len(site.works_on("web-01")) == len(site.works_on("web-02")) == 1, "nothing begins while the second host's work goes on"
    site.release("web-02")
    site.wait_for_case(1, "resolved")
    works = site.works_on("web-01") + site.works_on("web-02")
    assert len(works) == 4 and len({work.run for work in works}) == 1
    assert site.never_two_at_once()


def test_a_playbook_that_has_only_just_started_is_waited_for(rulebook):
    site = Site(rulebook)
    site.hold("start")
    site.start(**site.holding_playbooks())
    site.post(REQUEST)
    wait_until(site.playbook_processes, "ansible-playbook", otherwise=lambda: rulebook.output)
    assert not list_dispatches(directory_of(site.store)), "it has no file yet"
    rulebook.kill()
    site.start()
    site.post(REQUEST, "web-02")
    site.wait_for_case(2, "resolved")
    assert not site.works_on("web-01")
    site.release("start")
    site.wait_for_case(1, "resolved")
    assert len(site.works_on("web-01")) == 1
    assert only_dispatch(site, "web-01")["attempt"] == 1


def test_a_second_playbook_of_a_rule_that_has_only_just_started_is_waited_for(rulebook):
    actions = [{"run_playbook": {"name": "serve.yml"}}, {"run_playbook": {"name": "follow.yml"}}]
    site = Site(rulebook, rules=[{"name": "Both", "condition": 'event.case.kind == "request"', "actions": actions}])
    site.hold("start")
    site.start(**site.holding_playbooks("follow.yml"))
    site.post(REQUEST)
    wait_until(lambda: [each for each in site.playbook_processes() if each.command.endswith("follow.yml")], "the second playbook")
    rulebook.kill()
    site.start()
    site.post(REQUEST, "web-02")
    site.wait_for_case(2, "resolved")
    site.post(REQUEST, "web-01")
    time.sleep(2)
    assert site.wait_for_case(3, "open")
    assert [work.playbook for work in site.works_on("web-01")] == ["serve"], "the host is not free while the second playbook starts"
    site.release("start")
    site.wait_for_case(3, "resolved")
    assert site.wait_for_case(1, "resolved")["attempt"] == 2, "one of two playbooks is not success"
    assert sorted(work.playbook for work in site.works_on("web-01") if work.number == 1) == ["follow", "serve", "serve"]
    assert site.never_two_at_once()


def test_a_run_that_ended_is_taken_in_although_nobody_was_there_to_see_it(rulebook):
    """Its lines are on disk, its process is still going away, and ansible-rulebook waits for that when it is killed."""
    site = Site(rulebook)
    site.hold("exit")
    site.start(**site.holding_playbooks())
    site.post(REQUEST)
    executions = directory_of(site.store)
    wait_until(lambda: any(run.ended for uuid in list_dispatches(executions) for run in read_dispatch(executions, uuid)), "the ended line")
    assert site.ledger.cases(id=1)[0]["state"] in ("dispatched", "running")
    rulebook.kill()
    site.start()
    site.wait_for_case(1, "resolved")
    site.release("exit")
    assert len(site.works_on("web-01")) == 1
    assert only_dispatch(site, "web-01")["interruptions"] == 0


def test_stock_with_persistence_runs_an_action_again_that_was_cut_off(rulebook):
    """The danger that the next test is about."""
    rules = [{"name": "Serve", "condition": "event.payload is defined", "action": {"run_playbook": {"name": "serve.yml"}}}]
    site = Site(rulebook, rules=rules, persistent=True, routed=False).start()
    site.hold("web-01")
    site.post(REQUEST)
    first = site.wait_for_work_on("web-01")
    site.kill_everything()
    site.release("web-01")
    site.start()
    assert site.wait_for_work_on("web-01", 2).dispatch == first.dispatch


@pytest.mark.parametrize("persistent", [False, True], ids=["plain", "persistent"])
def test_a_run_that_was_killed_goes_out_again_under_its_uuid_once(rulebook, persistent):
    """With --persistence-id the engine runs what it recovers on its own account, and ignores a uuid that it has processed."""
    site = Site(rulebook, persistent=persistent).start()
    site.hold("web-01")
    site.post(REQUEST)
    first = site.wait_for_work_on("web-01")
    site.kill_everything()
    site.release("web-01")
    site.start()
    site.wait_for_case(1, "resolved")
    site.post(REQUEST, "web-02")
    site.wait_for_case(2, "resolved")
    assert [work.dispatch for work in site.works_on("web-01")] == [first.dispatch] * 2
    dispatch = only_dispatch(site, "web-01")
    assert (dispatch["attempt"], dispatch["interruptions"]) == (1, 1)
    assert site.ledger.cases(id=1)[0]["attempt"] == 1
    site.kill_everything()
    site.start()
    site.post(REQUEST, "web-02")
    site.wait_for_case(3, "resolved")
    assert len(site.works_on("web-01")) == 2, "what is finished does not run again"


def test_an_action_that_ends_ansible_rulebook_itself_is_a_failed_attempt_after_a_few_restarts(rulebook):
    rules = [{"name": "Says what is not there", "condition": 'event.case.kind == "request"', "action": {"debug": {"msg": "{{ nothere }}"}}}]
    site = Site(rulebook, rules=rules, policy=QUICK | {"attempts": {"max": 1}}, execution_strategy="sequential")
    site.start().post(REQUEST)
    ends = 0
    while not site.ledger.cases(id=1, state="exhausted"):
        if not rulebook.is_running:
            ends += 1
            site.start()
        assert ends < 10, "an endless loop"
        time.sleep(0.2)
    assert ends > 0, "it is the action that ends it"
    assert site.ledger.cases(id=1)[0]["attempt"] == 1


def test_what_waits_keeps_its_time(rulebook):
    """A failed attempt's wait, and the monitor's time to confirm, go on where they were."""
    wait_seconds, slack_seconds = 12, 5
    policy = {"attempts": {"max": 2, "backoff": wait_seconds, "jitter": 0}, "confirm": {"within": wait_seconds}}
    site = Site(rulebook, policy=policy).start()
    site.post(FIRING, "web-01")
    verifying = site.wait_for_case(1, "verifying")
    site.post(REQUEST, "web-02", data={"fails": True})
    waiting = site.wait_for_case(2, "waiting")
    rulebook.kill()
    site.start()
    site.post(REQUEST, "localhost")
    site.wait_for_case(3, "resolved")
    up_at = time.time()
    unconfirmed = site.wait_for_case(1, "waiting")
    site.wait_for_case(2, "exhausted")
    (again,) = (row for row in site.ledger.history(2) if row["from_state"] == "waiting")
    for due, done in ((verifying["due_at"], unconfirmed["updated_at"]), (waiting["due_at"], again["time"])):
        assert due <= done < max(due, up_at) + slack_seconds, "begun anew it would be later by the whole wait"


def test_what_was_accepted_and_not_looked_at_yet_is_handled_after_the_restart(rulebook):
    """The inventory takes its time at the first start, so that events are accepted and none can be looked at."""
    site = Site(rulebook)
    site.hold("inventory")
    script = rulebook.directory / "inventory" / "slow"
    script.write_text(f"#!/bin/sh\nwhile [ -e '{rulebook.directory.parent}/gate.inventory' ]; do sleep 0.1; done\necho '{{}}'\n")
    script.chmod(0o755)
    site.start()
    site.post(REQUEST)
    site.post(FIRING, "web-02")
    site.post("alert.resolved", "web-02")
    rulebook.kill()
    assert [event["handled"] for event in site.ledger.events()] == [0, 0, 0] and not site.ledger.cases()
    site.release("inventory")
    site.start()
    site.wait_for_case(1, "resolved")
    site.wait_for_case(2, "resolved")
    assert len(site.works_on("web-01")) == 1 and not site.works_on("web-02")
