# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: a playbook that fails, that does not start, or that runs nowhere is a line in a log, and nobody tries again.

A trace is what a playbook did; `called@<event>` is the call for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, Worlds, both, rule, rule_for

# Fails the first time only, as most failures do.
FLAKY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: 'if mkdir "$TRACES/tried@{{ label }}"; then echo "the disk of {{ label }} is read-only" >&2; exit 3; fi'
    - ansible.builtin.raw: '>"$TRACES/{{ label }}@{{ inventory_hostname }}"'
"""
# Its error text is a host's: an attack that comes in by another door.
BROKEN = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.fail:
        msg: "{{ '{' }}{ lookup('pipe', '>\\"$TRACES/ran-error\\"') }}"
"""
ELSEWHERE = TOUCH.replace("hosts: all", "hosts: db1")
CALL = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: "{{ reason }}"}
    - ansible.builtin.raw: '>"$TRACES/called@{{ label }}"'
"""
PLAN = Plan(
    hosts={"web1": {}, "db1": {}},
    rules=[
        rule_for("touch", "touch.yml"),
        rule_for("flaky", "flaky.yml"),
        rule_for("broken", "broken.yml"),
        rule_for("missing", "nowhere.yml"),
        rule_for("undefined", "touch.yml", unit="{{ event.payload.nothing.deeper }}"),
        rule_for("elsewhere", "elsewhere.yml"),
        rule("call", 'event.type == "case.exhausted"', "call.yml", label="{{ event.data.name }}", reason="{{ event.data.reason }}"),
    ],
    playbooks={"touch.yml": TOUCH, "flaky.yml": FLAKY, "broken.yml": BROKEN, "elsewhere.yml": ELSEWHERE, "call.yml": CALL},
)
FAILING = {
    "broken": "lookup",
    "missing": "nowhere.yml",
    "undefined": "nothing",
    "elsewhere": "nothing ran on web1",
}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("outcomes"), collections) as worlds:
        yield worlds


@pytest.fixture(scope="module")
def failed(worlds: Worlds) -> Worlds:
    """Send what fails to both, and then what works."""
    for do in ("flaky", *FAILING):
        worlds.post({"do": do, "label": do, "hosts": ["web1"]})
    worlds.post({"do": "touch", "label": "touch", "hosts": ["web1"]})
    worlds.wait_for("touch@web1")
    return worlds


def test_a_playbook_that_failed_is_tried_again(failed: Worlds) -> None:
    assert failed.stock.left("*flaky*") == {"tried@flaky"}
    failed.ours.wait_for("flaky@web1")
    case = failed.ours.case_of("flaky", "resolved")
    assert case["attempt"] == 2
    first, second = failed.ours.ledger.executions(host="web1", playbook="flaky.yml")
    assert (first["status"], second["status"]) == ("failed", "ok")
    assert "read-only" in first["error"]


@pytest.mark.parametrize("do", FAILING)
def test_a_playbook_that_did_nothing_is_known_to_have_failed_and_a_person_is_called(failed: Worlds, do: str) -> None:
    assert failed.stock.left(f"*{do}*") == set()
    case = failed.ours.case_of(do, "exhausted")
    assert case["attempt"] == 2
    assert FAILING[do] in case["reason"]
    failed.ours.wait_for(f"called@{do}")
    assert do + "@web1" not in failed.ours.left()


def test_the_error_text_of_a_host_is_no_template_either(failed: Worlds) -> None:
    failed.ours.wait_for("called@broken")
    assert "{{ lookup(" in failed.ours.ledger.executions(playbook="broken.yml")[0]["error"]
    assert failed.ours.left("ran-*") == set()
