# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What internals.py takes for granted of ansible-rulebook's inside, checked against the installed version.

When a new ansible-rulebook changes one of these facts, this fails and says which; internals.py is the one file to mend.
"""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.integration.engine_internals.running import HERE, saw

PLAYS = {
    "play": "{ansible.builtin.debug: {msg: hello}}",
    "fail": "{ansible.builtin.fail: {msg: no way}}",
    "trace": "{ansible.builtin.shell: \"echo '{{ inventory_hostname }}' >> '%s/trace'\"}",
    "rooted": "{ansible.builtin.assert: {that: [ansible_eda.event.meta.uuid | length == 36, ansible_eda.event.x == 1]}}",
    # Ends when the other one runs at the same time.
    "meet": "{ansible.builtin.file: {path: '%s/{{ ansible_eda.event.me }}', state: touch}}, "
    "{ansible.builtin.wait_for: {path: '%s/{{ ansible_eda.event.other }}', timeout: 30}}",
}
BOTH = ["playbook", "rooted", "three actions", "missing playbook", "undefined attribute", "debug", "fact", "two rules", "nothing"]
# In a sequential ruleset an undefined variable ends ansible-rulebook itself.
PARALLEL = [*BOTH, "failing playbook", "undefined variable", "chained"]
# Two playbooks wait for each other, among others that are neither of them.
MEETING = [{"what": "meeting", "me": me, "other": other} for me, other in ("ab", "ba")]


@pytest.fixture(name="strategy", scope="module", params=["parallel", "sequential"])
def _strategy(request):
    return request.param


@pytest.fixture(name="seen", scope="module")
def _seen(strategy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine internals")
    for name, tasks in PLAYS.items():
        tasks = tasks.replace("%s", str(folder))
        (folder / f"{name}.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks: [{tasks}]\n")
    names = PARALLEL if strategy == "parallel" else BOTH
    together = [*({"what": name, "number": 7, "payload": {"x": 1}} for name in names), *(MEETING if strategy == "parallel" else [])]
    seen = saw(folder, "watched.yml", {"STRATEGY": strategy, "ALONE": names, "TOGETHER": together})
    trace = folder / "trace"
    return {**seen, "names": [event["what"] for event in together], "ran on": trace.read_text().split() if trace.exists() else None}


def test_a_source_finds_its_surroundings(seen, strategy):
    around = seen["around"]
    assert around["source_name"] == "watcher"
    assert around["path_in_rulebook"] == "Watched: sources[1].watcher"
    assert around["inventory"] == "inventory"
    assert around["shutdown_delay"] == 3.0
    assert around["persistent"] is False
    assert around["source_dirs"] == [str(HERE)] and around["filter_dirs"] == []
    assert {"play.yml", "/elsewhere/heal.yml", "elsewhere/{{ event.what }}.yml"} <= set(around["playbooks"])
    ruleset = around["ruleset"]
    assert (ruleset["name"], ruleset["parallel"], ruleset["events_ttl"]) == ("Watched", strategy == "parallel", None)
    rule = next(rule for rule in ruleset["rules"] if rule["name"] == "A playbook")
    assert rule["conditions"] == [{"EqualsExpression": {"lhs": {"Event": "what"}, "rhs": {"String": "playbook"}}}]
    assert (rule["when"], rule["actions"]) == ("all", [{"name": "run_playbook", "arguments": {"name": "play.yml"}}])


def test_actions_are_seen_to_their_end(seen):
    assert seen["alone"]["playbook"] == {"fired": True, "actions": ["run_playbook"], "errors": [], "cut_off": False, "began": [1]}
    assert seen["alone"]["three actions"]["actions"] == ["run_playbook", "debug", "run_playbook"]
    assert seen["alone"]["debug"] == {"fired": True, "actions": ["debug"], "errors": [], "cut_off": False, "began": [0]}


def test_an_event_that_no_rule_takes_is_told_apart(seen):
    assert seen["alone"]["nothing"] == {"fired": False, "actions": [], "errors": [], "cut_off": False, "began": []}


def test_an_event_that_the_engine_cannot_read_is_no_event_that_no_rule_takes(seen):
    unreadable = seen["unreadable"]
    assert unreadable["fired"] and unreadable["actions"] == [] and len(unreadable["errors"]) == 1


def test_the_number_of_playbooks_is_known_when_a_rule_has_taken_an_event(seen):
    assert (seen["alone"]["playbook"]["began"], seen["alone"]["three actions"]["began"], seen["alone"]["debug"]["began"]) == ([1], [2], [0])
    if "chained" in seen["alone"]:
        assert seen["alone"]["chained"]["began"] == [0, 1]


def test_what_goes_wrong_before_a_playbook_starts_is_heard(seen):
    for name in ("missing playbook", "undefined attribute", "undefined variable", "failing playbook"):
        if name in seen["alone"]:
            assert seen["alone"][name]["fired"] and seen["alone"][name]["errors"], name
    assert "nowhere.yml" in " ".join(seen["alone"]["missing playbook"]["errors"])


def test_what_an_action_sets_off_belongs_to_it(seen):
    if "chained" in seen["alone"]:
        assert sorted(seen["alone"]["chained"]["actions"]) == ["post_event", "run_playbook"]
        assert seen["ran on"] == ["localhost"] * 2, "without hosts of its own it would have run on all"


def test_a_playbook_that_gets_a_part_of_the_event_knows_whose_it_is(seen):
    assert seen["alone"]["rooted"] == {"fired": True, "actions": ["run_playbook"], "errors": [], "cut_off": False, "began": [1]}


def test_several_rules_belong_to_one_event(seen):
    both = seen["alone"]["two rules"]
    assert both["actions"] == ["run_playbook", "run_playbook"] and both["began"] == [1, 1]
    assert "no way" in " ".join(both["errors"]), "the one that failed, retries and all"


def test_events_in_the_engine_at_once_get_each_exactly_its_own(seen):
    for name, together in zip(seen["names"], seen["together"]):
        if name == "meeting":
            assert together == {"fired": True, "actions": ["run_playbook"], "errors": [], "cut_off": False, "began": [1]}, "they did not run at the same time"
        elif name != "fact":
            alone = seen["alone"][name]
            assert (together["actions"], together["began"], len(together["errors"])) == (alone["actions"], alone["began"], len(alone["errors"])), name


def test_plugins_are_found_where_the_engine_finds_them(seen):
    plugins = seen["plugins"]
    assert [plugins[name] for name in plugins if "such" not in name] == [True] * 4
    for name in ("source no.such.source", "source nosuch", "filter no.such.filter"):
        assert "install its collection or correct the name" in plugins[name]
