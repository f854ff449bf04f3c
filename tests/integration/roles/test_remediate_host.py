# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on hosts that are down: a power command on the controller, and the host's own check or Ansible's connection to it."""

from __future__ import annotations

import time
from pathlib import Path

from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

PLUGINS = Path(__file__).with_name("connection_plugins")


def remediate(site: Site, limit: str = "web-01", *options: str, **variables: object) -> Run:
    wanted = {"remediate_problem": "HostDown", "remediate_service": "host", "remediate_wait": 20, "remediate_check_timeout": 2} | variables
    return site.play("eventops.infra.remediate", *options, limit=limit, variables=wanted, ANSIBLE_CONNECTION_PLUGINS=str(PLUGINS))


def host(site: Site, name: str, power: list[str] | None, **others: object) -> dict:
    """Return a host that is up while its gate, a file, is there."""
    gate = site.directory / f"{name}-is-up"
    return {"ansible_connection": "gated", "gate": str(gate)} | ({"eventops_power": {"command": power}} if power else {}) | others


def powers_on(site: Site, name: str) -> list[str]:
    """Return a power command that notes that it was called and opens the gate."""
    program = site.write(f"power-{name}", '#!/bin/sh\necho "$1" >> "$0.log"\ntouch "$1"\n', 0o755)
    return [str(program), str(site.directory / f"{name}-is-up")]


def calls(site: Site, name: str) -> int:
    log = site.directory / f"power-{name}.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_a_host_that_is_down_is_powered_on_from_the_controller_and_one_that_is_up_is_not(site):
    hosts = {name: host(site, name, powers_on(site, name)) for name in ("web-01", "web-02", "web-03")}
    site.inventory({"localhost": {}, **hosts})
    (site.directory / "web-02-is-up").touch()

    run = remediate(site, "web-01,web-02")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"web-01": 1, "web-02": 0}
    assert [calls(site, name) for name in hosts] == [1, 0, 0]


def test_the_check_of_the_host_counts_where_it_has_one(site, service):
    machine = service("machine")
    check = {"check": {"tcp": {"address": machine.address, "port": machine.port}}}  # no name: it is about the host itself
    site.inventory({"web-01": host(site, "web-01", machine.start_command, eventops_services=[{"name": "web"}, check])})

    run = remediate(site)

    assert run.rc == 0, run.output
    assert machine.number_of_starts == 1
    assert run.of("changed") == {"web-01": 1}


def test_what_does_not_help_fails_in_time_and_says_so(site):
    hosts = {
        "stays-down": host(site, "stays-down", ["true"]),
        "fails": host(site, "fails", ["sh", "-c", "echo no such domain >&2; exit 1; hunter2"]),
        "hangs": host(site, "hangs", ["sleep", "300"]),
        "has-none": host(site, "has-none", None),
        "is-a-line": host(site, "is-a-line", None, eventops_power={"command": "power on"}),
    }
    site.inventory(hosts)
    began = time.monotonic()

    run = remediate(site, ",".join(hosts), "-v", remediate_wait=3, remediate_start_timeout=2)

    assert run.of("failed") == dict.fromkeys(hosts, 1)
    assert "stays-down is still down 3 s after running on the controller true: expected Ansible to connect to it, saw" in run.text
    assert "fails is down, and running on the controller sh failed: exit code 1: no such domain" in run.text
    assert "hangs is down, and running on the controller sleep failed: it did not return within 2 s" in run.text
    assert "has-none does not say how to power it on" in run.text
    assert "eventops_power.command of is-a-line must be a list" in run.text
    assert "hunter2" not in run.output
    assert time.monotonic() - began < 60


def test_check_mode_powers_nothing_on(site):
    site.inventory({"web-01": host(site, "web-01", powers_on(site, "web-01"))})

    run = remediate(site, "web-01", "--check")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"web-01": 1}
    assert calls(site, "web-01") == 0
