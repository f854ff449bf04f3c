# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tools of the end-to-end tests do what these rely on: start the real thing, and leave nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import Service
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until


def test_the_installed_collection_holds_what_is_shipped_and_nothing_of_the_workshop(collections: Path) -> None:
    installed = collections / "ansible_collections" / "eventops" / "infra"
    names = {path.name for path in installed.iterdir()}
    assert {"plugins", "extensions", "roles", "meta", "LICENSE", "requirements.txt"} <= names
    assert not {name for name in names if name.startswith(".")}
    assert not names & {"demo", "scripts", "Makefile", "requirements-dev.txt"}


def test_a_service_is_killed_started_and_broken(service: Callable[[str], Service]) -> None:
    web = service("web")
    assert web.is_up
    web.kill()
    assert not web.is_up
    web.start()
    assert web.is_up
    web.kill()
    web.cannot_start()
    with pytest.raises(Exception, match="exit status 1"):
        web.start()
    assert not web.is_up
    assert web.number_of_starts == 3


def long_playbook(rulebook: Rulebook) -> None:
    """Write a rulebook whose one event starts a playbook that never ends."""
    task = {"ansible.builtin.command": {"argv": ["sleep", "1000"]}}
    playbook = rulebook.write_playbook("long.yml", [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}])
    rule = {"name": "any", "condition": "event.i is defined", "action": {"run_playbook": {"name": str(playbook)}}}
    source = {"eda.builtin.range": {"limit": 1}}
    rulebook.write([{"name": "long", "hosts": "all", "sources": [source], "rules": [rule]}], hosts={})


def sleeping(env: dict[str, str]) -> list[processes.Process]:
    """Return the processes of the playbook's task."""
    return [process for process in processes.started_with(env[processes.VARIABLE]) if process.command == "sleep 1000"]


def test_a_playbook_outlives_a_killed_rulebook_and_not_the_test(rulebook: Rulebook, env: dict[str, str]) -> None:
    long_playbook(rulebook)
    rulebook.start()
    wait_until(lambda: sleeping(env), "the playbook's task", otherwise=lambda: rulebook.output)
    rulebook.kill()
    assert sleeping(env)
    processes.end_all(env[processes.VARIABLE])
    assert not processes.started_with(env[processes.VARIABLE])


def test_a_rulebook_that_ends_without_what_was_waited_for_is_told_at_once(rulebook: Rulebook) -> None:
    rulebook.write("- not a rulebook", hosts={})
    with pytest.raises(AssertionError, match="ended with"):
        rulebook.start().wait_for("never written", timeout_seconds=60)


def test_a_signal_reaches_the_rulebook(rulebook: Rulebook, env: dict[str, str]) -> None:
    long_playbook(rulebook)
    rulebook.start()
    wait_until(lambda: sleeping(env), "the playbook's task", otherwise=lambda: rulebook.output)
    rulebook.send_signal(signal.SIGTERM)
    assert rulebook.wait_for_exit() != 0  # stock: the JVM's handler ends it at once
