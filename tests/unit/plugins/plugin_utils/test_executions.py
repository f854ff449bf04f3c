# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file of a run: what is written is read again, a lock tells a live run from a killed one, and nothing torn is believed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils import executions
from ansible_collections.eventops.infra.plugins.plugin_utils.executions import (
    AlreadyRecorded,
    Execution,
    ExecutionWriter,
    HostResult,
    directory_of,
    is_dispatch,
    list_dispatches,
    prepare,
    read_dispatch,
    remove_dispatch,
)
from hypothesis import given
from hypothesis import strategies as st

DISPATCH = "0a1b2c3d-0000-4000-8000-00000000000a"
OTHER = "0a1b2c3d-0000-4000-8000-00000000000b"
START, END = "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:05.000Z"


@pytest.fixture(params=["nameless", "draft"])
def directory(tmp_path: Path, request, monkeypatch) -> Path:
    if request.param == "draft":  # as on NFS and macOS
        monkeypatch.delattr(os, "O_TMPFILE")
    return directory_of(tmp_path / "store.db")


def start(directory: Path, dispatch: str = DISPATCH, **given) -> ExecutionWriter:
    return ExecutionWriter(directory, dispatch, **{"playbook": "heal.yml", "started_at": START, **given})


def eventually(holds) -> None:
    for _attempt in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("not within 5 seconds")


def only(directory: Path, dispatch: str = DISPATCH) -> Execution:
    [execution] = read_dispatch(directory, dispatch)
    return execution


@contextmanager
def another_process(directory: Path, body: str):
    """Run code in a process of its own, which has loaded executions.py by its path as the callback does, until it says something."""
    program = f"""
import importlib.util, os, subprocess, sys, time
from pathlib import Path
spec = importlib.util.spec_from_file_location("loaded_by_path", {executions.__file__!r})
executions = sys.modules["loaded_by_path"] = importlib.util.module_from_spec(spec)
if not {hasattr(os, "O_TMPFILE")}: del os.O_TMPFILE
spec.loader.exec_module(executions)
def start():
    return executions.ExecutionWriter(Path({str(directory)!r}), {DISPATCH!r}, playbook="heal.yml", started_at={START!r})
{textwrap.dedent(body)}
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline().strip()
        assert said, process.stderr.read()
        yield process, said
    finally:
        process.kill()
        process.communicate()


class TestRecord:
    def test_what_was_written_is_read(self, directory):
        hosts = {
            "web1": HostResult("ok", changed=2, duration_seconds=1.5),
            "web2": HostResult("failed", error="Start web: no such unit"),
            "web3": HostResult("unreachable", error="timed out"),
            "web4": HostResult("skipped"),
        }
        start(directory, check_mode=True).end(hosts, ended_at=END, rc_hint=4)
        assert only(directory) == Execution(
            dispatch=DISPATCH,
            pid=os.getpid(),
            alive=False,
            cwd=os.getcwd(),
            playbook="heal.yml",
            started_at=START,
            check_mode=True,
            ended=True,
            ended_at=END,
            rc_hint=4,
            hosts=hosts,
        )

    def test_the_lines_are_those_of_the_contract(self, directory):
        start(directory).end({"web1": HostResult("ok", 1, 0.25)}, ended_at=END, rc_hint=0)
        [path] = directory.iterdir()
        assert path.name == f"{DISPATCH}.{os.getpid()}"
        assert [json.loads(line) for line in path.read_text().splitlines()] == [
            {"line": "started", "dispatch": DISPATCH, "pid": os.getpid(), "playbook": "heal.yml", "cwd": os.getcwd(), "time": START, "check_mode": False},
            {"line": "host", "host": "web1", "status": "ok", "changed": 1, "duration": 0.25, "error": None},
            {"line": "ended", "time": END, "rc_hint": 0},
        ]

    def test_a_run_without_hosts_ends_too(self, directory):
        start(directory).end({}, ended_at=END, rc_hint=0)
        assert only(directory).ended
        assert only(directory).hosts == {}

    def test_only_the_owner_can_read(self, directory):
        start(directory).end({}, ended_at=END, rc_hint=0)
        [path] = directory.iterdir()
        assert [oct(part.stat().st_mode & 0o777) for part in (directory.parent, directory, path)] == ["0o700", "0o700", "0o600"]

    def test_runs_of_a_dispatch_are_kept_apart_and_oldest_first(self, directory):
        start(directory, playbook="second.yml", started_at=END).end({}, ended_at=END, rc_hint=0)
        start(directory, playbook="first.yml").end({}, ended_at=END, rc_hint=0)  # the same pid came again: nothing is overwritten
        start(directory, OTHER).end({}, ended_at=END, rc_hint=0)
        assert [execution.playbook for execution in read_dispatch(directory, DISPATCH)] == ["first.yml", "second.yml"]
        assert list_dispatches(directory) == {DISPATCH, OTHER}

    def test_a_process_records_a_dispatch_once_at_a_time(self, directory):
        writer = start(directory)
        with pytest.raises(AlreadyRecorded):
            start(directory)
        assert len(list(directory.iterdir())) == 1
        assert only(directory).alive
        writer.end({}, ended_at=END, rc_hint=0)
        assert only(directory).ended

    @given(errors=st.dictionaries(st.text(), st.text()), playbook=st.text())
    def test_any_text_survives(self, tmp_path_factory, errors, playbook):
        directory = directory_of(tmp_path_factory.mktemp("any") / "store.db")
        hosts = {name: HostResult("failed", error=error) for name, error in errors.items()}
        start(directory, playbook=playbook).end(hosts, ended_at=END, rc_hint=2)
        execution = only(directory)
        assert execution.playbook == playbook
        assert execution.hosts == hosts

    def test_text_that_is_not_utf8_becomes_storable(self, directory):
        start(directory).end({"web1": HostResult("failed", error="caf\udce9")}, ended_at=END, rc_hint=2)
        assert only(directory).hosts["web1"].error == "caf?"

    def test_no_name_comes_and_goes_that_a_copy_of_the_directory_could_trip_over(self, tmp_path):
        directory = directory_of(tmp_path / "store.db")
        prepare(directory)
        seen = set()
        with another_process(directory, "print('on', flush=True)\nwhile True: start().end({}, ended_at='', rc_hint=0)"):
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                seen.update(os.listdir(directory))
        assert len(seen) > 1
        assert seen <= set(os.listdir(directory))


class TestNames:
    @pytest.mark.parametrize("uuid", ["../x", "../../x", "", DISPATCH.upper(), DISPATCH + "\n", DISPATCH + "0", f"{DISPATCH[:-3]}/..", None, 7, b"0" * 36])
    def test_what_is_no_uuid_becomes_no_file(self, directory, uuid):
        assert not is_dispatch(uuid)
        with pytest.raises(ValueError, match="not the uuid of a dispatch"):
            start(directory, uuid)
        assert not directory.exists()

    def test_the_directory_is_beside_the_store(self):
        assert directory_of("/var/lib/eventops/store.db") == Path("/var/lib/eventops/store.db.d/executions")

    def test_a_relative_store_is_refused(self):
        with pytest.raises(ValueError, match="must be an absolute path, got 'store.db'"):
            directory_of("store.db")


class TestAlive:
    def test_a_run_is_alive_until_it_ends(self, directory):
        body = f"""
        writer = start()
        print("on", flush=True)
        input()
        writer.end({{}}, ended_at={END!r}, rc_hint=0)
        time.sleep(60)
        """
        with another_process(directory, body) as (process, _said):
            assert only(directory).alive
            assert not only(directory).ended
            process.stdin.write("\n")
            process.stdin.flush()
            eventually(lambda: only(directory).ended and not only(directory).alive)

    def test_a_killed_run_is_not_alive(self, directory):
        with another_process(directory, "w = start(); print('on', flush=True); time.sleep(60)") as (process, _said):
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert only(directory) == Execution(DISPATCH, process.pid, alive=False, playbook="heal.yml", cwd=os.getcwd(), started_at=START)

    def test_a_forked_worker_keeps_a_killed_run_alive(self, directory):
        body = """
        writer = start()
        worker = os.fork()
        if not worker:
            time.sleep(60)
        print(worker, flush=True)
        time.sleep(60)
        """
        with another_process(directory, body) as (process, worker):
            try:
                process.kill()
                process.wait()
                assert only(directory).alive
            finally:
                os.kill(int(worker), signal.SIGKILL)
            eventually(lambda: not only(directory).alive)

    def test_a_worker_that_ends_leaves_the_run_alive(self, directory):
        body = """
        writer = start()
        if not os.fork():
            sys.exit()
        os.wait()
        print("on", flush=True)
        time.sleep(60)
        """
        with another_process(directory, body):
            assert only(directory).alive

    @pytest.mark.parametrize("close_fds", [True, False])
    def test_what_a_run_executes_does_not_keep_it_alive(self, directory, close_fds):
        body = f"""
        writer = start()
        print(subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, close_fds={close_fds}).pid, flush=True)
        time.sleep(60)
        """
        with another_process(directory, body) as (process, daemon):
            try:
                process.kill()
                process.wait()
                assert not only(directory).alive
                os.kill(int(daemon), 0)  # it goes on
            finally:
                os.kill(int(daemon), signal.SIGKILL)

    def test_reading_and_copying_the_files_does_not_take_the_lock_away(self, directory, tmp_path):
        with another_process(directory, "w = start(); print('on', flush=True); time.sleep(60)"):
            [path] = directory.iterdir()
            (tmp_path / "copy").write_bytes(path.read_bytes())
            assert [only(directory).alive for _look in range(3)] == [True, True, True]


class TestTorn:
    def test_no_cut_makes_a_run_more_than_it_was(self, directory):
        hosts = {"web1": HostResult("ok", 1, 0.5), "wëb2": HostResult("failed", error="größer")}
        start(directory).end(hosts, ended_at=END, rc_hint=2)
        [path] = directory.iterdir()
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            execution = only(directory)
            assert not execution.ended
            assert execution.hosts.items() <= hosts.items()
            assert execution.pid == os.getpid()

    @pytest.mark.parametrize(
        "line",
        [
            b"\x00" * 40,
            b"\xff\xfe",
            b"[1]",
            b'"started"',
            b"{}",
            b'{"line": "ended"}',
            b'{"line": "ended", "time": "x", "rc_hint": Infinity}',
            b'{"line": "host", "host": "web1", "status": "splendid", "changed": 0, "duration": 0, "error": null}',
            b'{"line": "host", "host": "web1", "status": "ok", "changed": [], "duration": 0, "error": null}',
            b"[" * 100_000,
        ],
    )
    def test_what_nobody_can_read_is_left_out(self, directory, line):
        start(directory).end({}, ended_at=END, rc_hint=0)
        [path] = directory.iterdir()
        started, ended = path.read_bytes().splitlines()
        path.write_bytes(started + b"\n" + line + b"\n")
        assert not only(directory).ended
        assert only(directory).hosts == {}
        path.write_bytes(started + b"\n" + line + b"\n" + ended + b"\n")
        assert only(directory).ended

    def test_an_empty_file_is_a_run_of_which_nothing_is_known(self, directory):
        prepare(directory)
        (directory / f"{DISPATCH}.77").touch()
        assert only(directory) == Execution(DISPATCH, 77, alive=False)

    def test_a_full_disk_leaves_whole_lines(self, directory):
        body = f"""
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        writer = start()
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        hosts = {{f"web{{n}}": executions.HostResult("ok") for n in range(100)}}
        try:
            writer.end(hosts, ended_at={END!r}, rc_hint=0)
        except OSError as error:
            print(type(error).__name__, flush=True)
        """
        with another_process(directory, body) as (_process, said):
            assert said == "OSError"
            [path] = directory.iterdir()
            assert path.read_bytes().endswith(b"}\n")
            assert only(directory) == Execution(DISPATCH, only(directory).pid, alive=False, playbook="heal.yml", cwd=os.getcwd(), started_at=START)

    def test_a_run_that_cannot_be_recorded_leaves_no_file(self, directory):
        body = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
        try:
            start()
        except OSError as error:
            print(type(error).__name__, flush=True)
        """
        with another_process(directory, body) as (_process, said):
            assert said == "OSError"
            assert list(directory.iterdir()) == []


class TestDirectory:
    def test_nothing_there_is_nothing_recorded(self, directory):
        assert read_dispatch(directory, DISPATCH) == []
        assert list_dispatches(directory) == set()
        assert remove_dispatch(directory, DISPATCH)

    def test_prepare_makes_it_and_leaves_it_empty(self, directory):
        prepare(directory)
        prepare(directory)
        assert oct(directory.stat().st_mode & 0o777) == "0o700"
        assert list(directory.iterdir()) == []

    def test_prepare_sweeps_what_a_killed_writer_left(self, directory):
        prepare(directory)
        (directory / ".9.0123456789abcdef").touch()
        (directory / ".keep").touch()
        prepare(directory)
        assert [path.name for path in directory.iterdir()] == [".keep"]

    def test_prepare_says_what_is_wrong(self, tmp_path, directory):
        with pytest.raises(FileNotFoundError):
            prepare(directory_of(tmp_path / "missing" / "store.db"))
        directory.parent.mkdir()
        directory.touch()
        with pytest.raises(FileExistsError):
            prepare(directory)

    def test_names_that_are_not_ours_are_passed_over(self, directory):
        prepare(directory)
        for name in ("README", f"{DISPATCH}", f"{DISPATCH}.x", f".{DISPATCH}.1.ab", f"{DISPATCH}.1.x", f"{DISPATCH.upper()}.1"):
            (directory / name).touch()
        assert list_dispatches(directory) == set()
        assert read_dispatch(directory, DISPATCH) == []

    def test_remove_takes_the_dispatch_and_no_other(self, directory):
        for dispatch in (DISPATCH, OTHER):
            start(directory, dispatch).end({}, ended_at=END, rc_hint=0)
        assert remove_dispatch(directory, DISPATCH)
        assert [path.name for path in directory.iterdir()] == [f"{OTHER}.{os.getpid()}"]

    def test_remove_leaves_a_live_run(self, directory):
        start(directory).end({}, ended_at=END, rc_hint=0)
        with another_process(directory, "w = start(); print('on', flush=True); time.sleep(60)") as (process, _said):
            assert not remove_dispatch(directory, DISPATCH)
            assert only(directory).pid == process.pid
        assert remove_dispatch(directory, DISPATCH)

    @pytest.mark.parametrize("uuid", ["*", "..", "", f"{DISPATCH}.1"])
    def test_remove_takes_no_pattern(self, directory, uuid):
        start(directory).end({}, ended_at=END, rc_hint=0)
        remove_dispatch(directory, uuid)
        assert only(directory).ended
