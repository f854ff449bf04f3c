# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The callback in the real ansible-playbook: what it records of a run, that its lock tells the truth, and that nobody notices it otherwise."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils import executions
from ansible_collections.eventops.infra.plugins.plugin_utils.executions import Execution, directory_of, list_dispatches, read_dispatch

DISPATCH = "0a1b2c3d-0000-4000-8000-00000000000a"
OTHER = "0a1b2c3d-0000-4000-8000-00000000000b"
PLUGINS = Path(executions.__file__).absolute().parents[1]
COLLECTIONS = PLUGINS.parents[3]

HOSTS = """
[web]
web1
web2
web3

[nobody]

[all:vars]
ansible_connection=local
ansible_python_interpreter="{{ ansible_playbook_python }}"
"""


@dataclass(frozen=True)
class Run:
    """What ansible-playbook left behind."""

    rc: int
    output: str
    executions: list[Execution]

    @property
    def execution(self) -> Execution:
        assert len(self.executions) == 1, self.output
        return self.executions[0]

    @property
    def statuses(self) -> dict[str, str]:
        return {host: result.status for host, result in self.execution.hosts.items()}


class Site:
    """A folder with an inventory, playbooks and a store's path, where ansible-playbook runs as run_playbook starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store.db"
        self.executions = directory_of(self.store)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "EVENTOPS_"))}
        self.environment |= {
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS / "callback"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "EVENTOPS_STORE": str(self.store),
            "HOME": str(folder),
        }
        self.write("hosts", HOSTS)
        self.event(uuid=DISPATCH)

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def event(self, **meta) -> None:
        """Say what the rule matched, in the extra variables, where ansible-rulebook puts it."""
        self.extra_vars({"ansible_eda": {"ruleset": "r", "rule": "r", "event": {"type": "alert.firing", "meta": meta}}})

    def extra_vars(self, variables: dict) -> None:
        self.write("extravars", json.dumps(variables))

    def command(self, *arguments: str) -> list[str]:
        program = Path(sys.executable).with_name("ansible-playbook")
        return [str(program), "-i", "hosts", "-e", f"@{self.folder}/extravars", *(arguments or ["play.yml"])]

    def run(self, playbook: str | None = None, *arguments: str) -> Run:
        if playbook is not None:
            self.write("play.yml", playbook)
        command = self.command("play.yml", *arguments) if playbook is not None else self.command(*arguments)
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False
        )
        return Run(done.returncode, done.stdout, read_dispatch(self.executions, DISPATCH) if self.executions.is_dir() else [])

    def start(self, playbook: str, output: int = subprocess.DEVNULL) -> subprocess.Popen:
        self.write("play.yml", playbook)
        return subprocess.Popen(
            self.command(), cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )

    def now(self) -> Execution:
        [execution] = read_dispatch(self.executions, DISPATCH)
        return execution


@pytest.fixture
def site(tmp_path: Path) -> Site:
    folder = tmp_path / "with spaces"
    folder.mkdir()
    return Site(folder)


def eventually(holds) -> None:
    for _attempt in range(4500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("not within 90 seconds")


class TestHosts:
    def test_each_host_gets_what_it_did(self, site):
        site.write("no_ssh", "#!/bin/sh\nexit 255\n", 0o755)
        run = site.run("""
- hosts: web
  gather_facts: false
  tasks: [{ansible.builtin.add_host: {name: "{{ item }}", ansible_connection: local}, loop: [failed, rescued, ignored, skipped, changed, blocked]}]
- hosts: localhost
  connection: local
  gather_facts: false
  tasks: [{ansible.builtin.add_host: {name: dark, ansible_connection: ssh, ansible_ssh_executable: "{{ playbook_dir }}/no_ssh"}}]
- hosts: [failed, rescued, ignored, skipped, changed, blocked, dark]
  gather_facts: false
  tasks:
    - {name: Change, ansible.builtin.raw: "true", when: "inventory_hostname in ['changed', 'dark']"}
    - {name: Fail, ansible.builtin.fail: {msg: it broke}, when: inventory_hostname == "failed"}
    - {name: Ignore, ansible.builtin.fail: {msg: never mind}, when: inventory_hostname == "ignored", ignore_errors: true}
    - when: inventory_hostname == "rescued"
      block: [{ansible.builtin.fail: {msg: mended}}]
      rescue: [{ansible.builtin.debug: {msg: all is well}}]
    - when: inventory_hostname == "blocked"
      block: [{name: First, ansible.builtin.fail: {msg: broke in a block}}]
      always: [{name: Tidy up, ansible.builtin.raw: "true"}]
""")
        execution = run.execution
        assert run.rc == execution.rc_hint == 4
        assert execution.ended
        assert not execution.alive
        assert not execution.check_mode
        assert execution.playbook == "play.yml"
        assert execution.started_at < execution.ended_at
        assert {host: (result.status, result.changed, result.error) for host, result in execution.hosts.items() if not host.startswith("web")} == {
            "localhost": ("ok", 1, None),
            "changed": ("ok", 1, None),
            "failed": ("failed", 0, "Fail: it broke"),
            "ignored": ("ok", 0, None),
            "rescued": ("ok", 0, None),
            "skipped": ("skipped", 0, None),
            "blocked": ("failed", 1, "First: broke in a block"),
            "dark": ("unreachable", 0, execution.hosts["dark"].error),
        }
        assert execution.hosts["dark"].error.startswith("Change: ")
        assert all(0 <= result.duration_seconds < 60 for result in execution.hosts.values())

    def test_the_last_error_is_kept_with_what_the_program_said(self, site):
        run = site.run("""
- hosts: web1
  gather_facts: false
  tasks:
    - block: [{name: Stop, ansible.builtin.command: "sh -c 'echo could not stop >&2; exit 3'"}]
      always: [{name: Report, ansible.builtin.command: "sh -c 'echo no mail >&2; exit 3'"}]
""")
        assert run.execution.hosts["web1"].error == "Report: non-zero return code: no mail"

    def test_a_result_with_no_log_does_not_leak(self, site):
        run = site.run("""
- hosts: web
  gather_facts: false
  tasks:
    - {name: Whole, ansible.builtin.command: "sh -c 'echo s3cret >&2; exit 1'", no_log: true, when: inventory_hostname == "web1"}
    - name: Items
      ansible.builtin.command: "sh -c 'echo {{ item }} >&2; exit 1'"
      no_log: true
      loop: [s3cret, s3cret2]
      when: inventory_hostname == "web2"
    - {name: Undefined, ansible.builtin.debug: {msg: "{{ 's3cret' | nosuchfilter }}"}, no_log: true, when: inventory_hostname == "web3"}
""")
        assert run.statuses == {"web1": "failed", "web2": "failed", "web3": "failed"}
        assert "hidden by no_log" in run.execution.hosts["web1"].error
        assert "s3cret" not in b"".join(path.read_bytes() for path in site.executions.iterdir()).decode()

    def test_check_mode_is_told(self, site):
        run = site.run("- hosts: web1\n  gather_facts: false\n  tasks: [{ansible.builtin.command: 'true'}]\n", "--check")
        assert run.execution.check_mode


class TestPlaybooks:
    def test_several_plays_and_imported_ones_are_one_run(self, site):
        site.write("more.yml", "- hosts: web2\n  gather_facts: false\n  tasks: [{name: Later, ansible.builtin.fail: {msg: too late}}]\n")
        run = site.run("""
- hosts: web
  gather_facts: false
  tasks: [{ansible.builtin.raw: "true"}]
- import_playbook: more.yml
- hosts: web1
  gather_facts: false
  tasks: [{ansible.builtin.raw: "true", when: false}]
""")
        # All hosts of more.yml failed: Ansible ends there, so web1 lost its last play, and nobody knows what it was for.
        assert run.execution.hosts["web2"].error == "Later: too late"
        assert run.statuses == {"web1": "failed", "web2": "failed", "web3": "failed"}

    def test_a_limit_that_matches_nothing_leaves_no_file(self, site):
        run = site.run("- hosts: web\n  tasks: []\n", "--limit", "nosuchhost")
        assert run.rc == 1
        assert run.executions == []

    def test_no_hosts_is_a_run_that_ended(self, site):
        run = site.run("- hosts: nobody\n  tasks: [{ansible.builtin.debug: {}}]\n")
        assert run.rc == run.execution.rc_hint == 0
        assert run.execution.ended
        assert run.execution.hosts == {}

    def test_an_error_of_the_playbook_itself_leaves_a_run_that_did_not_end(self, site):
        run = site.run("""
- hosts: web1
  gather_facts: false
  tasks: [{ansible.builtin.debug: {}}]
- hosts: "{{ nosuchvariable }}"
  tasks: []
""")
        assert run.rc != 0
        assert not run.execution.ended
        assert not run.execution.alive
        assert run.execution.hosts == {}

    def test_each_playbook_of_one_command_is_a_run_with_its_own_hosts(self, site):
        site.write("one.yml", "- hosts: web1\n  gather_facts: false\n  tasks: [{ansible.builtin.raw: 'true'}]\n")
        site.write("two.yml", "- hosts: web2\n  gather_facts: false\n  tasks: [{ansible.builtin.raw: 'true'}]\n")
        run = site.run(None, "one.yml", "two.yml")
        assert [(each.playbook, each.ended, list(each.hosts)) for each in run.executions] == [("one.yml", True, ["web1"]), ("two.yml", True, ["web2"])]


PRIOR = "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.debug: {}}]}\n"

# What Ansible's recap counts as ok though the playbook was not through with the host, and what is ok in fact.
ENDINGS = {
    "another host's run_once": (
        "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.debug: {}}, {ansible.builtin.fail: {}, run_once: true}, {ansible.builtin.debug: {}}]}",
        {"web1": "failed", "web2": "failed", "web3": "failed"},
    ),
    "another host's any_errors_fatal": (
        "- {hosts: web, gather_facts: false, any_errors_fatal: true, tasks: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web1'},"
        " {ansible.builtin.debug: {}}]}",
        {"web1": "failed", "web2": "failed", "web3": "failed"},
    ),
    "rescued for all": (
        "- {hosts: web, gather_facts: false, any_errors_fatal: true, tasks: [{block: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web1'}],"
        " rescue: [{ansible.builtin.debug: {}}]}, {ansible.builtin.debug: {}}]}",
        {"web1": "ok", "web2": "ok", "web3": "ok"},
    ),
    "max_fail_percentage": (
        "- {hosts: web, gather_facts: false, max_fail_percentage: 30, tasks: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web1'},"
        " {ansible.builtin.debug: {}}]}",
        {"web1": "failed", "web2": "failed", "web3": "failed"},
    ),
    "an error of its own stops a host alone": (
        "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web1'}, {ansible.builtin.debug: {}}]}",
        {"web1": "failed", "web2": "ok", "web3": "ok"},
    ),
    "a batch that failed": (
        PRIOR + "- {hosts: web, serial: 1, gather_facts: false, tasks: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web2'}]}",
        {"web1": "ok", "web2": "failed", "web3": "failed"},
    ),
    "a batch that ended the play on purpose": (
        PRIOR + "- {hosts: web, serial: 1, gather_facts: false, tasks: [{ansible.builtin.fail: {}, ignore_errors: true}, {ansible.builtin.meta: end_play}]}",
        {"web1": "ok", "web2": "ok", "web3": "ok"},
    ),
    "an earlier play that failed for all its hosts": (
        PRIOR + "- {hosts: web3, gather_facts: false, tasks: [{ansible.builtin.fail: {}}]}\n" + PRIOR,
        {"web1": "failed", "web2": "failed", "web3": "failed"},
    ),
    "end_host": (
        "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.debug: {}}, {ansible.builtin.meta: end_host, when: inventory_hostname == 'web1'},"
        " {ansible.builtin.fail: {}, when: inventory_hostname == 'web2'}]}",
        {"web1": "ok", "web2": "failed", "web3": "ok"},
    ),
    "strategy free": (
        "- {hosts: web, strategy: free, gather_facts: false, tasks: [{ansible.builtin.fail: {}, when: inventory_hostname == 'web1'},"
        " {ansible.builtin.debug: {}}]}",
        {"web1": "failed", "web2": "ok", "web3": "ok"},
    ),
    "a host that no task reached is absent": (
        "- {hosts: web, serial: 1, gather_facts: false, tasks: [{ansible.builtin.fail: {msg: first}}]}",
        {"web1": "failed"},
    ),
}


@pytest.mark.parametrize(("playbook", "statuses"), ENDINGS.values(), ids=ENDINGS)
def test_a_host_is_ok_only_when_the_playbook_was_through_with_it(site, playbook, statuses):
    run = site.run(playbook)
    assert run.statuses == statuses
    assert run.rc == run.execution.rc_hint
    for host, result in run.execution.hosts.items():
        assert (result.error is not None) == (result.status == "failed"), host


def test_the_error_of_a_host_that_was_stopped_names_the_culprit(site):
    run = site.run(
        "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.debug: {}}, {name: Ask, ansible.builtin.fail: {msg: refused}, run_once: true}]}"
    )
    assert run.execution.hosts["web2"].error == "the playbook was stopped before it was through with this host; web1: Ask: refused"


WAITING = """
- hosts: web1
  gather_facts: false
  tasks:
    - ansible.builtin.raw: touch '{{ playbook_dir }}/working'; while [ -e '{{ playbook_dir }}/gate' ]; do sleep 0.05; done
"""


class TestLock:
    def test_it_is_held_while_a_playbook_runs(self, site):
        gate = site.write("gate", "")
        process = site.start(WAITING)
        eventually((site.folder / "working").exists)
        assert (site.now().alive, site.now().ended, site.now().pid) == (True, False, process.pid)
        gate.unlink()
        assert process.wait(30) == 0
        assert (site.now().alive, site.now().ended) == (False, True)

    def test_a_killed_playbook_counts_as_alive_until_its_worker_is_gone(self, site):
        gate = site.write("gate", "")
        process = site.start(WAITING)
        eventually((site.folder / "working").exists)
        process.send_signal(signal.SIGKILL)
        process.wait()
        time.sleep(0.2)
        assert site.now().alive
        gate.unlink()
        eventually(lambda: not site.now().alive)
        assert not site.now().ended
        assert site.now().hosts == {}

    def test_a_playbook_whose_reader_is_gone_goes_on_to_its_end(self, site):
        # run_playbook reads from a pseudo-terminal, which ends with ansible-rulebook; writing to it then fails with EIO.
        gate = site.write("gate", "")
        reader, terminal = os.openpty()
        process = site.start(WAITING + "    - ansible.builtin.debug: {}\n", output=terminal)
        os.close(terminal)
        eventually((site.folder / "working").exists)
        os.close(reader)
        gate.unlink()
        assert process.wait(30) == 0
        assert (site.now().ended, site.now().hosts["web1"].status) == (True, "ok")

    def test_a_torn_line_of_a_killed_playbook_is_passed_over(self, site):
        gate = site.write("gate", "")
        process = site.start(WAITING)
        eventually((site.folder / "working").exists)
        process.kill()
        process.wait()
        gate.unlink()
        eventually(lambda: not site.now().alive)
        before = site.now()
        [path] = site.executions.iterdir()
        with path.open("ab") as file:
            file.write(b'{"line": "ended", "time": "2026-01-31T12:0')
        assert site.now() == before

    def test_what_a_playbook_leaves_running_does_not_hold_it(self, site):
        # As ssh does for ControlPersist: the first call leaves a master behind.
        site.write("ssh", '#!/bin/sh\nsetsid sleep 60 >/dev/null 2>&1 &\necho $! >> "$DAEMONS"\nfor last; do :; done\nexec sh -c "$last"\n', 0o755)
        daemons = site.folder / "daemons"
        site.environment["DAEMONS"] = str(daemons)
        # `async` takes no interpreter whose path has a space in it, and the one of this virtual environment may.
        site.environment["PLAIN_PYTHON"] = os.path.realpath(sys.executable)
        run = site.run("""
- hosts: web1
  gather_facts: false
  tasks:
    - ansible.builtin.shell: setsid sleep 60 >/dev/null 2>&1 & echo $! >> "$DAEMONS"
    - ansible.builtin.shell: echo $$ >> "$DAEMONS"; exec sleep 60
      async: 60
      poll: 0
      vars: {ansible_python_interpreter: "{{ lookup('ansible.builtin.env', 'PLAIN_PYTHON') }}"}
    - ansible.builtin.raw: "true"
      vars: {ansible_connection: ssh, ansible_ssh_executable: "{{ playbook_dir }}/ssh"}
""")
        eventually(lambda: len(daemons.read_text().split()) == 3)
        pids = [int(pid) for pid in daemons.read_text().split()]
        try:
            assert run.rc == 0
            for pid in pids:
                os.kill(pid, 0)
            assert (site.now().ended, site.now().alive) == (True, False)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)


class TestWhichRuns:
    def test_every_event_of_a_rule_gets_its_own_file(self, site):
        metas = {"m_0": DISPATCH, "m_1": OTHER, "m_2": DISPATCH}
        site.extra_vars({"ansible_eda": {"events": {name: {"meta": {"uuid": uuid}} for name, uuid in metas.items()}}})
        run = site.run("- {hosts: web1, gather_facts: false, tasks: [{ansible.builtin.debug: {}}]}")
        assert run.statuses == {"web1": "ok"}
        [other] = read_dispatch(site.executions, OTHER)
        assert (other.pid, other.ended, other.hosts) == (run.execution.pid, True, run.execution.hosts)

    def test_a_hostile_uuid_becomes_no_file(self, site):
        hostile = ["../../x", "../x", "/tmp/x", DISPATCH.upper(), DISPATCH + "\n", "", 7, None, ["x"], {"uuid": DISPATCH}]
        events = {f"m_{number}": {"meta": {"uuid": uuid}} for number, uuid in enumerate(hostile)}
        site.extra_vars({"ansible_eda": {"event": "no mapping", "events": {**events, "x": None, "y": {"meta": []}}}})
        before = sorted(site.folder.parent.rglob("*"))
        run = site.run("- {hosts: web1, gather_facts: false, tasks: []}")
        assert run.rc == 0
        assert "outcome" not in run.output
        new = [path for path in site.folder.parent.rglob("*") if path not in before and ".ansible" not in path.parts]
        assert [path.name for path in new] == ["play.yml"]

    @pytest.mark.parametrize("without", ["a store", "an event"])
    def test_other_runs_are_left_alone(self, site, without):
        if without == "a store":
            del site.environment["EVENTOPS_STORE"]
        else:
            site.extra_vars({"ansible_eda": {"ruleset": "r", "rule": "r"}})
        run = site.run("- {hosts: web1, gather_facts: false, tasks: [{ansible.builtin.debug: {}}]}")
        assert run.rc == 0
        assert "outcome" not in run.output
        assert not site.executions.exists()

    def test_it_works_where_ansible_cannot_find_the_collection(self, site):
        site.environment["ANSIBLE_COLLECTIONS_PATH"] = str(site.folder)
        assert site.run("- {hosts: web1, gather_facts: false, tasks: [{ansible.builtin.debug: {}}]}").statuses == {"web1": "ok"}

    def test_enabled_by_its_name_too_it_records_once(self, site):
        site.environment["ANSIBLE_CALLBACKS_ENABLED"] = "eventops.infra.outcome"
        run = site.run("- {hosts: web1, gather_facts: false, tasks: [{ansible.builtin.debug: {}}]}")
        assert run.statuses == {"web1": "ok"}
        assert list_dispatches(site.executions) == {DISPATCH}


class TestHarmless:
    def test_what_the_users_ansible_cfg_enables_goes_on(self, site):
        site.write("ansible.cfg", "[defaults]\ncallbacks_enabled = ansible.builtin.junit\nstdout_callback = ansible.builtin.oneline\n")
        site.environment["JUNIT_OUTPUT_DIR"] = str(site.folder / "junit")
        run = site.run("- {hosts: web1, gather_facts: false, tasks: [{ansible.builtin.debug: {msg: hello}}]}")
        assert "web1 | SUCCESS => {" in run.output
        assert "PLAY RECAP" not in run.output
        assert list((site.folder / "junit").glob("*.xml"))
        assert run.statuses == {"web1": "ok"}

    @pytest.mark.parametrize(("store", "said"), [("store.db", "FileExistsError"), ("missing/store.db", "FileNotFoundError"), ("relative", "absolute")])
    def test_a_place_that_cannot_be_written_costs_one_warning(self, site, store, said):
        site.environment["EVENTOPS_STORE"] = store if store == "relative" else str(site.folder / store)
        site.store.with_name("store.db.d").write_text("a file, where a directory should be: that stops root, too")
        run = site.run("- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.raw: 'exit 1', when: inventory_hostname == 'web1'}]}")
        assert run.rc == 2
        assert run.output.replace("\n", " ").count("eventops.infra.outcome: cannot fully record this run") == 1
        assert said in run.output.replace("\n", "")

    def test_a_disk_that_fills_up_meanwhile_costs_one_warning(self, site):
        site.executions.parent.mkdir()
        mounted = [
            *("unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c"),
            'mount -t tmpfs -o size=16k tmpfs "$1" && shift && { "$@"; rc=$?; cp -r "$DISK/executions" "$DISK/../seen"; exit $rc; }',
            *("sh", str(site.executions.parent)),
        ]
        if shutil.which("unshare") is None or subprocess.run([*mounted[:-1], str(site.executions.parent), "true"], capture_output=True, check=False).returncode:
            pytest.skip("no right to mount a small disk here")
        site.environment["DISK"] = str(site.executions.parent)
        site.write(
            "play.yml",
            "- {hosts: web, gather_facts: false, tasks: [{ansible.builtin.raw: 'cat /dev/zero > \"$DISK/full\" 2>/dev/null; true'},"
            " {ansible.builtin.fail: {msg: \"{{ 'x' * 1900 }}\"}}]}",
        )
        done = subprocess.run([*mounted, *site.command()], cwd=site.folder, env=site.environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 2, done.stderr
        assert done.stderr.replace("\n", " ").count("cannot fully record this run") == 1
        [execution] = read_dispatch(site.folder / "seen", DISPATCH)
        assert (execution.playbook, execution.ended, execution.hosts) == ("play.yml", False, {})

    def test_it_costs_less_than_50_ms(self, site, capsys):
        """Time what runs inside the callback, from its import on; whole runs differ by more than that among themselves."""
        callback = _with_a_stopwatch(site.folder / "timed")
        tasks = ", ".join(["{ansible.builtin.debug: {}}"] * 3)
        site.write("hosts", HOSTS + "\n[many]\nhost[01:20]\n")
        site.write("play.yml", f"- {{hosts: many, gather_facts: false, tasks: [{tasks}]}}\n")
        site.environment["SPENT"] = str(site.folder / "spent")
        site.environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as where it is installed
        own, with_it, without = [], [], []
        for number in range(6):
            site.environment.pop("ANSIBLE_CALLBACK_PLUGINS", None)
            if number % 2:
                site.environment["ANSIBLE_CALLBACK_PLUGINS"] = str(callback)
            began = time.monotonic()
            assert site.run(None, "play.yml", "--forks", "10").rc == 0
            (with_it if number % 2 else without).append((time.monotonic() - began) * 1000)
            if number % 2:
                own.append([seconds * 1000 for seconds in json.loads((site.folder / "spent").read_text())])
        assert len(read_dispatch(site.executions, DISPATCH)) == len(own) == 3
        working, disk = (statistics.median(series) for series in zip(*own, strict=True))
        with capsys.disabled():
            print(
                f"\noutcome callback, 20 hosts, 60 tasks: {working:.1f} ms of work and {disk:.1f} ms waiting for the disk"
                f" (runs with it {statistics.median(with_it):.0f} ms, without {statistics.median(without):.0f} ms)"
            )
        assert min(sum(each) for each in own) < 50  # on a busy disk the others waited longer


def _with_a_stopwatch(folder: Path) -> Path:
    """Copy the callback as it is, with every call timed; return the directory for ANSIBLE_CALLBACK_PLUGINS.

    Its own work counts as the processor's time, so that other programs do not; waiting for the disk as it passes.
    """
    shutil.copytree(PLUGINS / "plugin_utils", folder / "plugin_utils")
    (folder / "callback").mkdir()
    source = (PLUGINS / "callback" / "outcome.py").read_text()
    head, future, body = source.partition("from __future__ import annotations\n")
    (folder / "callback" / "outcome.py").write_text(
        f"""{head}{future}import time as _time
_spent = [-_time.thread_time(), 0.0]
{body}
import atexit as _atexit, json as _json, os as _os
def _timed(method, kind, clock):
    @functools.wraps(method)
    def timed(*args, **kwargs):
        _spent[kind] -= clock()
        try:
            return method(*args, **kwargs)
        finally:
            _spent[kind] += clock()
    return timed
for _name, _method in list(vars(CallbackModule).items()):
    if _name == "__init__" or _name.startswith("v2_"):
        setattr(CallbackModule, _name, _timed(_method, 0, _time.thread_time))
for _name in ("_sync", "_sync_directory"):
    setattr(executions, _name, _timed(getattr(executions, _name), 1, _time.perf_counter))
_atexit.register(lambda: Path(_os.environ["SPENT"]).write_text(_json.dumps(_spent)))
_spent[0] += _time.thread_time()
"""
    )
    return folder / "callback"
