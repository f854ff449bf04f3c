# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook remediate on services that are down: real processes behind real sockets, killed and brought back.

What differs from host to host goes into one run over several hosts, each with a service of the same name.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping

import pytest
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.e2e.services import Service, free_port
from ansible_collections.eventops.infra.tests.integration.roles.answering import answering
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

NOBODY_LISTENS = {"tcp": {"address": "127.0.0.1", "port": 1}}

# Small programs by the names of those that a test's machine may not run. To this systemctl the service is active: it hangs.
RESTARTS = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  show) echo LoadState=loaded; echo ActiveState=active ;;
  restart) exec {start} ;;
esac
"""
BECOMES = """#!/bin/sh
while [ "$1" != /bin/sh ]; do shift; done
echo "$@" >> {log}
exec "$@"
"""


def by_command(service: Service, **others) -> dict:
    """Return what an operator writes into the inventory about a service."""
    return {"name": "web", "check": {"http": {"url": service.url}}, "start": {"command": service.start_command}} | others


def marks(site: Site, host: str) -> dict:
    """Return a `start` that starts nothing and leaves a mark."""
    return {"command": ["touch", str(site.directory / f"mark-{host}")]}


def inventory(site: Site, entries: Mapping[str, dict], **of_all) -> str:
    """Write an inventory with one service per host, and return the limit that names them all."""
    site.inventory({"localhost": of_all, **{host: {"eventops_services": [entry], **of_all} for host, entry in entries.items()}})
    return ",".join(entries)


def remediate(site: Site, limit: str, *options: str, variables: dict | None = None, **env: str) -> Run:
    wanted = {"remediate_problem": "ServiceDown", "remediate_service": "web", "remediate_wait": 20} | (variables or {})
    return site.play("eventops.infra.remediate", *options, limit=limit, variables=wanted, **env)


@pytest.fixture
def web(site: Site, service: Callable[[str], Service]) -> Service:
    """Return the service of host web-01, down; a start command starts it."""
    made = service("web")
    inventory(site, {"web-01": by_command(made)})
    return made


class TestBringsBack:
    @pytest.mark.parametrize("restart_healthy", [False, True])
    def test_what_is_healthy_only_where_something_else_says_that_it_is_in_trouble(self, site, web, restart_healthy):
        web.start()
        inventory(site, {"web-01": by_command(web, start=marks(site, "web-01"))})
        checked = remediate(site, "web-01", "--check", variables={"remediate_restart_healthy": restart_healthy})
        assert (checked.rc, checked.of("changed")) == (0, {"web-01": int(restart_healthy)})
        run = remediate(site, "web-01", variables={"remediate_restart_healthy": restart_healthy})
        assert (run.rc, run.of("changed")) == (0, {"web-01": int(restart_healthy)})
        assert (site.directory / "mark-web-01").exists() == restart_healthy
        assert ("its check passes, but it is said to be in trouble" in run.text) == restart_healthy

    def test_what_is_healthy_is_not_healed_when_it_does_not_come_back_after_the_restart(self, site, web):
        web.start()
        pid = next(path for path in site.directory.parent.rglob("pid"))
        killed = {"command": ["sh", "-c", f"kill $(cat {shlex.quote(str(pid))})"]}
        inventory(site, {"web-01": by_command(web, start=killed)})
        run = remediate(site, "web-01", variables={"remediate_restart_healthy": True, "remediate_wait": 2})
        assert run.rc != 0
        assert "web on web-01 is still down 2 s after running sh" in run.text

    def test_what_is_down_on_the_hosts_of_the_limit_and_nothing_else(self, site, service):
        services = {f"web-0{number}": service(f"web-0{number}") for number in range(1, 5)}
        inventory(site, {host: by_command(each) for host, each in services.items()})
        services["web-01"].start()
        services["web-01"].kill()
        services["web-02"].start()

        run = remediate(site, "web-01,web-02,web-03")

        assert run.rc == 0, run.output
        assert run.of("changed") == {"web-01": 1, "web-02": 0, "web-03": 1}
        assert [host for host, each in services.items() if each.is_up] == ["web-01", "web-02", "web-03"]
        assert services["web-02"].number_of_starts == 1
        assert "web on web-02 is healthy, nothing to do" in run.text

    def test_with_every_kind_of_check(self, site, service):
        by_http, by_tcp, slow = service("by http"), service("by tcp"), service("slow")
        late = site.write("late", f"#!/bin/sh\n(sleep 3; exec {shlex.quote(slow.start_command[0])}) >/dev/null 2>&1 &\n", 0o755)
        mark = shlex.quote(marks(site, "program")["command"][1])
        program = site.write("check", f"#!/bin/sh\n[ -e {mark} ] || {{ echo no mark; exit 2; }}\n", 0o755)
        entries = {
            "http": by_command(by_http, check={"http": {"url": by_http.url, "contains": "up", "status": [200, 204]}}),
            "tcp": by_command(by_tcp, check={"tcp": {"address": by_tcp.address, "port": by_tcp.port}}),
            "program": {"name": "web", "check": {"command": [str(program)]}, "start": marks(site, "program")},
            "slow": by_command(slow, start={"command": [str(late)]}),
        }

        run = remediate(site, inventory(site, entries))

        assert run.rc == 0, run.output
        assert run.of("changed") == dict.fromkeys(entries, 1)
        assert by_http.is_up and by_tcp.is_up and slow.is_up
        assert "web on program is down (exit code 2 no mark)" in run.text

    def test_a_port_of_the_hosts_own_address(self, site, service):
        made = service("web")
        site.inventory({"web-01": {"ansible_host": made.address, "eventops_services": [by_command(made, check={"tcp": {"port": made.port}})]}})

        assert remediate(site, "web-01").rc == 0
        assert made.is_up

    def test_a_service_of_another_variable_whose_name_became_a_number_on_its_way(self, site, service):
        made = service("web")
        site.inventory({"web-01": {"our_services": [by_command(made, name="8080")]}})

        run = remediate(site, "web-01", variables={"remediate_services_variable": "our_services", "remediate_service": 8080})

        assert run.rc == 0, run.output
        assert made.is_up


class TestStarts:
    def test_by_restarting_units_and_containers(self, site, service, tmp_path):
        services = {program: service(program) for program in ("systemctl", "podman", "docker")}
        starts = {"systemctl": {"systemd": r"web\x2d1@a.service"}, "podman": {"container": "web"}, "docker": {"container": "web", "runtime": "docker"}}
        logs = {}
        for program, made in services.items():
            logs[program] = site.directory / f"{program}.log"
            path = tmp_path / "bin" / program
            path.parent.mkdir(exist_ok=True)
            path.write_text(RESTARTS.format(log=shlex.quote(str(logs[program])), start=shlex.quote(made.start_command[0])))
            path.chmod(0o755)
        limit = inventory(site, {program: by_command(made, start=starts[program]) for program, made in services.items()})

        run = remediate(site, limit, PATH=f"{tmp_path}/bin:{site.env['PATH']}")

        assert run.rc == 0, run.output
        assert all(made.is_up for made in services.values())
        assert run.of("changed") == dict.fromkeys(services, 1)
        restarts = {program: [line for line in log.read_text().splitlines() if "start" in line] for program, log in logs.items()}
        assert restarts == {"systemctl": [r"restart web\x2d1@a.service"], "podman": ["restart web"], "docker": ["restart web"]}

    def test_with_more_rights_on_the_host_and_without_on_the_controller(self, site, web, tmp_path):
        log, sudo = tmp_path / "became", tmp_path / "sudo"
        sudo.write_text(BECOMES.format(log=log))
        sudo.chmod(0o755)
        limit = inventory(site, {"web-01": by_command(web)}, ansible_become=True, ansible_become_exe=str(sudo))

        run = remediate(site, limit, ANSIBLE_BECOME_ALLOW_SAME_USER="true")

        assert run.rc == 0, run.output
        assert web.is_up
        assert "AnsiballZ_command" in log.read_text()
        assert "AnsiballZ_uri" not in log.read_text()

    def test_with_a_command_that_leaves_its_output_to_a_daemon(self, site, web):
        keeps_it = site.write("keeps_it", f"#!/bin/sh\nsleep 300 &\nexec {shlex.quote(web.start_command[0])}\n", 0o755)
        began = time.monotonic()

        run = remediate(site, inventory(site, {"web-01": by_command(web, start={"command": [str(keeps_it)]})}))

        assert run.rc == 0, run.output
        assert time.monotonic() - began < 60

    def test_with_a_command_that_does_not_return_and_is_ended(self, site, web, env):
        stays = site.write("stays", "#!/bin/sh\nsleep 300\n", 0o755)
        limit = inventory(site, {"web-01": by_command(web, start={"command": [str(stays)]})})

        run = remediate(site, limit, variables={"remediate_start_timeout": 2})

        assert run.rc != 0
        assert "did not return within 2 s" in run.text
        assert not [each for each in processes.started_with(env[processes.VARIABLE]) if str(stays) in each.command]


class TestFails:
    def test_saying_what_was_expected_and_what_was_seen(self, site, service):
        good, dead, broken = service("good"), service("dead"), service("broken")
        port = free_port()
        with answering(503) as wrong_url:
            entries = {
                "good": by_command(good),
                "dead": by_command(dead, start=marks(site, "dead")),
                "wrong": {"name": "web", "check": {"http": {"url": wrong_url}}, "start": marks(site, "wrong")},
                "hung": {"name": "web", "check": {"command": ["sh", "-c", "sleep 300; hunter2"], "timeout": 1}, "start": marks(site, "hung")},
                "broken": by_command(broken, start={"command": ["sh", "-c", "echo disk full >&2; exit 3; hunter2"]}),
                "secret": {
                    "name": "web",
                    "check": {"http": {"url": f"http://user:hunter2@127.0.0.1:{port}/?key=hunter2", "headers": {"Authorization": "hunter2"}}},
                    "start": marks(site, "secret"),
                },
            }
            began = time.monotonic()
            run = remediate(site, inventory(site, entries), "-v", variables={"remediate_wait": 3}, ANSIBLE_FORKS="10")
            took = time.monotonic() - began

        assert run.of("failed") == {host: 0 if host == "good" else 1 for host in entries}
        assert good.is_up
        assert {path.name for path in site.directory.glob("mark-*")} == {"mark-dead", "mark-wrong", "mark-hung", "mark-secret"}
        assert f"web on dead is still down 3 s after running touch: expected {dead.url} to answer with status 2xx, saw" in run.text
        assert "Connection refused" in run.text
        assert f"expected {wrong_url} to answer with status 2xx, saw status 503" in run.text
        assert "expected sh to exit with 0, saw no result within 1 s" in run.text
        assert "web on broken is down, and running sh failed: exit code 3: disk full" in run.text
        assert f"expected http://127.0.0.1:{port}/ to answer" in run.text
        assert "hunter2" not in run.output
        assert took < 90


class TestDoesNothing:
    def test_where_the_inventory_is_not_clear(self, site):
        wrong = {
            "other-name": ({"name": "db"}, 'eventops_services of other-name has no entry named "web", only: db'),
            "no-check": ({"name": "web"}, "web on no-check in eventops_services has no check"),
            "no-start": ({"name": "web", "check": NOBODY_LISTENS}, "web on no-start in eventops_services does not say how to start it"),
            "a-shell-line": ({"name": "web", "check": NOBODY_LISTENS, "start": {"command": "touch x"}}, "must be a list of a program"),
            "an-option": ({"name": "web", "check": NOBODY_LISTENS, "start": {"container": "--all"}}, 'must be a name, got "--all"'),
            "a-file": ({"name": "web", "check": {"http": {"url": "file:///etc/passwd"}}}, "must be an http:// or https:// URL"),
        }

        run = remediate(site, inventory(site, {host: entry for host, (entry, _message) in wrong.items()}))

        assert run.of("failed") == dict.fromkeys(wrong, 1)
        assert run.of("changed") == dict.fromkeys(wrong, 0)
        for _entry, message in wrong.values():
            assert message in run.text

    @pytest.mark.parametrize(
        ("variables", "message"),
        [
            ({"remediate_problem": "DiskOnFire"}, "remediate_problem"),
            ({"remediate_wait": 601, "remediate_interval": 0}, "must be from 1 to 600 seconds, got 601"),
            ({"remediate_wait": "soon"}, "remediate_wait"),
            ({"remediate_service": ""}, "Name one of them in remediate_service"),
        ],
    )
    def test_with_wrong_inputs(self, site, web, variables, message):
        run = remediate(site, "web-01", variables=variables)

        assert run.rc != 0
        assert message in run.text
        assert web.number_of_starts == 0

    def test_in_check_mode_but_say_what_it_would_do(self, site, web):
        run = remediate(site, "web-01", "--check")

        assert run.rc == 0, run.output
        assert web.number_of_starts == 0
        assert run.of("changed") == {"web-01": 1}
        assert "neither done nor verified: running" in run.text

    def test_without_an_exact_limit(self, site, web):
        run = remediate(site, "web*")

        assert run.rc != 0
        assert web.number_of_starts == 0


def test_a_check_means_what_it_means_to_the_probe(site, service):
    made = service("web")
    made.start()
    healthy = {"plain": {}, "body": {"contains": "up"}, "one-of": {"status": [200, 204]}}
    unhealthy = {"other-body": {"contains": "down"}, "other-status": {"status": [204]}}
    checks = {host: {"http": {"url": made.url, **details}} for host, details in (healthy | unhealthy).items()}
    limit = inventory(site, {host: by_command(made, check=check) for host, check in checks.items()})

    # Past the proxies of this machine, too.
    run = remediate(site, limit, "--check", http_proxy=f"http://127.0.0.1:{free_port()}/")

    assert run.rc == 0, run.output
    assert run.of("changed") == dict.fromkeys(healthy, 0) | dict.fromkeys(unhealthy, 1)
