# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules with a throttle and rules that need several events: what waiting_rules.py and matches.py take for granted of the engine."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.integration.engine_internals.running import saw

TRACE = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.shell:
        cmd: echo "{{ rule }}, {{ inventory_hostname }}, {{ ansible_eda.events | default([1]) | length }} events" >> trace
        chdir: "%s"
"""


STORIES = ["at once and never", "once within", "accumulate", "once after", "either", "both", "two pairs", "later", "never", "one is over", "stopped"]
UNTAKEN = {"fired": False, "actions": [], "errors": [], "cut_off": False}
PLAYBOOK = {"fired": True, "actions": ["run_playbook"], "errors": [], "cut_off": False}
DEBUG = {"fired": True, "actions": ["debug"], "errors": [], "cut_off": False}


@pytest.fixture(name="seen", scope="module")
def _seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules that wait")
    (folder / "trace.yml").write_text(TRACE % folder)
    return {**saw(folder, "waiting.yml", {"STORIES": STORIES}), "ran": (folder / "trace").read_text().splitlines()}


@pytest.fixture(name="not_all", scope="module")
def _not_all(tmp_path_factory):
    return saw(tmp_path_factory.mktemp("not all"), "not_all.yml", {})


def at_once(performed: dict) -> dict:
    return {**performed, "parked": False}


def parked(performed: dict) -> dict:
    return {**performed, "parked": True}


def test_an_event_that_no_rule_waits_for_is_taken_at_once_or_never(seen):
    story = seen["at once and never"]
    assert story["events"] == {"taken": at_once(DEBUG), "untaken": at_once(UNTAKEN)}


def test_once_within_takes_an_event_at_once_or_never(seen):
    assert seen["once within"]["events"] == {"first": at_once(DEBUG), "second": at_once(UNTAKEN)}


def test_accumulate_within_takes_the_event_that_reaches_the_threshold_and_no_other(seen):
    assert seen["accumulate"]["events"] == {"first": at_once(UNTAKEN), "second": at_once(DEBUG)}


def test_once_after_takes_the_first_of_each_group_together_after_its_time(seen):
    story = seen["once after"]
    assert story["events"] == {"first": parked(PLAYBOOK), "other": parked(PLAYBOOK), "second": parked(UNTAKEN)}
    assert story["asked"] == [["first", "other"]] and story["seconds"] > 4
    assert sorted(line for line in seen["ran"] if line.startswith("after")) == ["after, another, 2 events", "after, localhost, 2 events"]


def test_any_takes_an_event_at_once(seen):
    assert seen["either"]["events"] == {"one": at_once(DEBUG), "other": at_once(DEBUG)}


def test_all_takes_both_events_when_the_second_has_come_for_the_hosts_of_both(seen):
    assert seen["both"]["events"] == {"left": parked(PLAYBOOK), "right": parked(PLAYBOOK)}
    assert seen["both"]["asked"] == [["left", "right"]]
    assert {"both, localhost, 2 events", "both, another, 2 events"} <= set(seen["ran"])


def test_an_event_that_two_matches_take_is_followed_through_both(seen):
    story = seen["two pairs"]
    assert sorted(story["asked"]) == [["left 1", "right"], ["left 2", "right"]]
    assert [story["events"][name] for name in ("left_1", "left_2")] == [parked(PLAYBOOK)] * 2
    assert story["events"]["right"]["actions"] == ["run_playbook", "run_playbook"]


def test_actions_do_not_begin_before_they_may(seen):
    story = seen["later"]
    assert story["asked"] == [["left", "right"]] * 3
    assert story["events"] == {"left": parked(PLAYBOOK), "right": parked(PLAYBOOK)}


def test_actions_that_may_never_begin_do_not(seen):
    assert seen["never"]["events"] == {"left": parked(UNTAKEN), "right": parked(UNTAKEN)}


def test_nothing_is_done_to_the_hosts_of_an_event_that_is_over(seen):
    story = seen["one is over"]
    assert story["asked"] == [["left", "right"], ["right"]]
    assert story["events"] == {"left": parked(UNTAKEN), "right": parked(PLAYBOOK)}
    ran = [line for line in seen["ran"] if line.startswith("both")]
    assert ran[-1] == "both, another, 2 events" and ran.count("both, localhost, 2 events") == 4, "for the pairs before, and not for this"


def test_what_waits_is_let_go_when_the_router_stops(seen):
    assert seen["stopped"]["events"] == {"left": parked({**UNTAKEN, "cut_off": True})}


def test_not_all_takes_an_event_when_its_time_is_over(not_all):
    story = not_all["not all"]
    assert story["events"] == {"one": parked(DEBUG)}
    assert story["asked"] == [["one"]] and 1 <= story["seconds"] < 60


def test_an_event_whose_other_never_comes_is_taken_by_no_rule_in_the_end(not_all):
    story = not_all["nobody came"]
    assert story["events"] == {"left": parked(UNTAKEN)}
    assert story["seconds"] < 60, "the ruleset's default_events_ttl, and not the rule's timeout of an hour"
