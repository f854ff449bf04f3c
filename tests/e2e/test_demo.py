# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The demo does what it says, says so when it does not, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

DEMO = Path(__file__).absolute().parents[2] / "demo" / "run.py"


def command(directory: Path, *options: str) -> list[str]:
    """Return the command line of a demo that works in a directory and has patience with a busy machine."""
    return [sys.executable, str(DEMO), "--directory", str(directory), "--patience", "120", "--limit", "360", *options]


def played(arguments: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a demo to its end."""
    return subprocess.run(arguments, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def put_first(directory: Path, env: Mapping[str, str], program: str, script: str) -> dict[str, str]:
    """Return an environment in which a shell script stands in for a program."""
    stand_in = directory / "first" / program
    stand_in.parent.mkdir()
    stand_in.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    stand_in.chmod(0o755)
    return dict(env) | {"PATH": os.pathsep.join([str(stand_in.parent), env["PATH"]])}


@pytest.mark.timeout(480)
def test_it_heals_retries_withstands_and_recovers(directory: Path, env: dict[str, str]) -> None:
    work = directory / "demo"
    demo = played(command(work), env)
    assert demo.returncode == 0, demo.stdout
    healing, alerts = Ledger(work / "healing" / "store.db"), Ledger(work / "alerts" / "store.db")
    state_of = {case["subject"]: case["state"] for case in healing.cases(type="alert.firing")}
    assert state_of == {"web-01": "resolved", "orders-01": "exhausted", "search-01": "resolved"}
    assert {run["host"] for run in alerts.executions()} == {"mail-01"}
    assert not list(directory.rglob("PWNED"))
    assert not processes.started_with(env[processes.VARIABLE])
    assert not list(Path(env["HOME"]).iterdir())

    # What is there is used again: nothing of the run before is taken for a result of this one, which is over before there is a store.
    again = played(command(work, "--limit", "0.1"), env)
    assert again.returncode == 1, again.stdout
    assert "FAILED  web-01 was detected" in again.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_it_has_started_and_nothing_else(directory: Path, env: dict[str, str], number: signal.Signals) -> None:
    work, output = directory / "demo", directory / "output.txt"
    bystander = subprocess.Popen(["sleep", "1000"], env=env)
    with open(output, "wb") as out:
        demo = subprocess.Popen(command(work), env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    wait_until(lambda: (work / "healing" / "store.db").exists() or demo.poll() is not None, "ansible-rulebook is up", 120, output.read_text)
    demo.send_signal(number)
    assert demo.wait(60) == 128 + number, output.read_text()
    assert [process.pid for process in processes.started_with(env[processes.VARIABLE])] == [bystander.pid]
    bystander.kill()
    bystander.wait()


def test_a_heal_that_does_not_happen_is_told(directory: Path, env: dict[str, str]) -> None:
    does_nothing = put_first(directory, env, "ansible-playbook", "exit 0")
    work = directory / "demo"
    demo = played(command(work, "--limit", "45"), does_nothing)
    assert demo.returncode == 1, demo.stdout
    assert "FAILED  web-01 answers again" in demo.stdout
    assert str(work) in demo.stdout.splitlines()[-1]
    assert not processes.started_with(env[processes.VARIABLE])


def test_an_ansible_rulebook_that_ends_by_itself_is_told_at_once(directory: Path, env: dict[str, str]) -> None:
    ends = put_first(directory, env, "ansible-rulebook", "echo no reason >&2; exit 3")
    demo = played(command(directory / "demo"), ends)
    assert demo.returncode == 1, demo.stdout
    assert "exit code 3" in demo.stdout
    assert "no reason" in demo.stdout
    assert not processes.started_with(env[processes.VARIABLE])


def test_a_directory_of_somebody_else_is_left_alone(directory: Path, env: dict[str, str]) -> None:
    file = directory / "theirs" / "file"
    file.parent.mkdir()
    file.touch()
    assert played(command(file.parent), env).returncode == 1
    assert [path.name for path in file.parent.iterdir()] == ["file"]


def test_a_second_demo_in_the_same_directory_is_refused(directory: Path, env: dict[str, str]) -> None:
    work = directory / "demo"
    with subprocess.Popen(command(work), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as first:
        wait_until((work / "inventory" / "hosts.yml").exists, "the first has begun")
        second = played(command(work), env)
        assert second.returncode == 1
        assert "another demo" in second.stdout
        assert first.poll() is None
        first.terminate()
        first.communicate()


def test_an_attack_that_got_through_would_be_seen(directory: Path, env: dict[str, str]) -> None:
    # As ansible-rulebook does it, without the router: what the sender wrote comes to the playbook as it is.
    variables, playbook = directory / "variables.json", directory / "project" / "write_down.yml"
    event = {"payload": {"id": "attack", "text": "{{ lookup('pipe', 'touch PWNED') }}"}}
    variables.write_text(json.dumps({"ansible_eda": {"event": event}, "traces": str(directory)}), encoding="ascii")
    playbook.parent.mkdir()
    shutil.copy(DEMO.parent / "alerts" / playbook.name, playbook)
    inventory = "mail-01 ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
    (directory / "hosts.ini").write_text(inventory, encoding="ascii")
    subprocess.run(["ansible-playbook", "-i", directory / "hosts.ini", "-e", f"@{variables}", playbook], env=env, check=True)
    left = [json.loads(line) for line in (directory / "mail-01").read_text(encoding="ascii").splitlines()]
    assert left == [{"event": "attack", "text": ""}, {"event": "attack", "files": ["PWNED", "write_down.yml"]}]
