# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on a machine whose memory or CPU is exhausted: by real processes, on this machine, which is exhausted where a threshold says so."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.integration.roles.hungry import Hungry, control_group, share_of_memory, used_percent
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

CONTAINER = "5ad1" * 16
# Others use memory here, too: what the process uses is more than what comes and goes.
PERCENT = 8

SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  show) echo LoadState=loaded; echo ActiveState=active ;;
  restart) exec {restart} ;;
esac
"""
PODMAN = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  container) echo {id} ;;
  restart) exec {restart} ;;
esac
"""


@pytest.fixture
def hungry(directory: Path, env: dict[str, str]) -> Callable[[str], Hungry]:
    """Return a function that makes a process that uses something up, by its name."""
    return lambda name: Hungry(directory / name, f"{name}-{uuid.uuid4().hex[:6]}", env)


@pytest.fixture
def threshold() -> float:
    """Return the share of memory from which this machine is exhausted: not yet, but with one that is hungry."""
    return min(used_percent() + PERCENT / 2, 99)


def remediate(site: Site, problem: str, restartable: list[dict], *options: str, variables: dict | None = None, **env: str) -> Run:
    site.inventory({"localhost": {}, "app-01": {"eventops_restartable": restartable}})
    wanted = {"remediate_problem": problem, "remediate_sample": 1, "remediate_wait": 10} | (variables or {})
    return site.play("eventops.infra.remediate", *options, limit="app-01", variables=wanted, **env)


def by_command(process: Hungry, **limits: str) -> dict:
    return {"process": process.name, "command": [str(process.restarts)], **limits}


class TestMemory:
    def test_what_uses_it_up_is_restarted_and_nothing_else(self, site, hungry, threshold):
        glutton, modest = hungry("glutton"), hungry("modest")
        modest.start("nothing")
        restartable = [by_command(modest, memory="1%"), by_command(glutton, memory="3%", cpu="50%")]
        variables = {"remediate_memory_threshold": threshold}

        healthy = remediate(site, "MemoryExhausted", restartable, variables=variables)
        glutton.start("memory", share_of_memory(PERCENT))
        checked = remediate(site, "MemoryExhausted", restartable, "--check", variables=variables)
        run = remediate(site, "MemoryExhausted", restartable, variables=variables)
        again = remediate(site, "MemoryExhausted", restartable, variables=variables)

        assert (healthy.rc, checked.rc, run.rc, again.rc) == (0, 0, 0, 0), run.output
        assert [each.of("changed")["app-01"] for each in (healthy, checked, run, again)] == [0, 1, 1, 0]
        assert (glutton.started_again, modest.starts) == (True, 1)
        assert f"restarting {modest.name} by" in run.text and "not more than its limit" in run.text
        assert f"most memory by: process {glutton.name}" in run.text
        assert f"restarting {glutton.name} by {glutton.directory}/restart" in checked.text

    def test_what_the_inventory_does_not_allow_is_told_and_left_alone(self, site, hungry, threshold):
        glutton, modest = hungry("glutton"), hungry("modest")
        glutton.start("memory", share_of_memory(PERCENT))
        modest.start("memory", share_of_memory(PERCENT / 8))

        run = remediate(site, "MemoryExhausted", [by_command(modest, memory="0.5%")], variables={"remediate_memory_threshold": threshold})
        nothing = remediate(site, "MemoryExhausted", [], variables={"remediate_memory_threshold": threshold})

        assert run.of("failed") == nothing.of("failed") == {"app-01": 1}
        assert f"but process {glutton.name} uses more" in run.text
        assert "the inventory allows nothing to be done about it" in nothing.text
        assert (glutton.starts, modest.starts) == (1, 1)

    @pytest.mark.parametrize("kind", ["systemd", "container"])
    def test_of_a_unit_and_of_a_container_by_its_control_group(self, site, hungry, threshold, tmp_path, kind):
        unit = {"systemd": "eventops-test-glutton.service", "container": f"libpod-{CONTAINER}.scope"}[kind]
        with control_group(f"eventops-test.slice/{unit}") as group:
            if group is None:
                pytest.skip("needs control groups that may be made here")
            glutton = hungry("glutton")
            glutton.group = group
            glutton.start("memory", share_of_memory(PERCENT))
            program, text = {"systemd": ("systemctl", SYSTEMCTL), "container": ("podman", PODMAN)}[kind]
            log = tmp_path / "called"
            path = tmp_path / "bin" / program
            path.parent.mkdir()
            path.write_text(text.format(log=shlex.quote(str(log)), restart=shlex.quote(str(glutton.restarts)), id=CONTAINER))
            path.chmod(0o755)
            entry = {"systemd": "eventops-test-glutton"} if kind == "systemd" else {"container": "glutton"}

            run = remediate(
                site,
                "MemoryExhausted",
                [{**entry, "memory": "3%"}],
                variables={"remediate_memory_threshold": threshold},
                PATH=f"{tmp_path}/bin:{site.env['PATH']}",
            )

            assert run.rc == 0, run.output
            assert glutton.started_again
            calls = log.read_text().splitlines()
            assert ("restart eventops-test-glutton.service" if kind == "systemd" else "restart glutton") in calls
            owner = unit if kind == "systemd" else f"container {CONTAINER[:12]}"
            assert f"most memory by: {owner}" in run.text


class TestCpu:
    def test_what_uses_it_is_restarted_and_measured_again(self, site, hungry):
        """Others use the CPU of this machine, too: whether that is little enough afterwards is theirs to say."""
        spinner = hungry("spinner")
        spinner.start("cpu")

        run = remediate(site, "CpuExhausted", [by_command(spinner, cpu="5%")], variables={"remediate_wait": 1})

        assert spinner.started_again, run.output
        assert "% of the CPU is busy, from 90 % on it is too much" in run.text
        assert f"process {spinner.name}" in run.text
        assert "restart (restarting " in run.text


class TestDoesNothing:
    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ({"systemd": "--now", "memory": "50%"}, 'eventops_restartable of app-01: [0].systemd must be a name, got "--now"'),
            ({"systemd": "app.service"}, "[0] has no limit above which it is restarted"),
            ({"systemd": "app.service", "memory": "lots"}, "[0].memory must be a share such as 50% or a size such as 2G"),
            ({"systemd": "app.service", "cpu": "2G"}, "[0].cpu must be a share of all CPUs"),
            ({"process": "app", "memory": "50%", "command": "restart hunter2"}, "[0].command must be a list of a program and its arguments"),
            ({"systemd": "app.service", "memroy": "50%"}, "[0].memroy is not known there"),
            ({"container": "app", "runtime": "sh", "memory": "50%"}, "[0].runtime must be podman or docker"),
        ],
    )
    def test_where_the_inventory_is_not_clear(self, site, entry, message):
        run = remediate(site, "MemoryExhausted", [entry], variables={"remediate_memory_threshold": 1})

        assert run.of("failed") == {"app-01": 1}
        assert message in run.text
        assert "hunter2" not in run.output

    @pytest.mark.parametrize(("variable", "value"), [("remediate_memory_threshold", 0), ("remediate_memory_threshold", 101), ("remediate_sample", 61)])
    def test_with_inputs_out_of_bounds(self, site, variable, value):
        run = remediate(site, "MemoryExhausted", [], variables={variable: value})

        assert run.of("failed") == {"app-01": 1}
        assert f"{variable} must be from 1 to" in run.text
