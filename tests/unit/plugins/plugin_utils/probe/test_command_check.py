# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.command_check import check_command
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive


def run(*argv, timeout=5.0):
    async def limited():
        async with asyncio.timeout(timeout):
            return await check_command(argv)

    return asyncio.run(limited())


def script(text):
    return ("/bin/sh", "-c", text)


def is_alive(pid):
    """A killed process whose parent has not collected it is dead too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition):
    end = time.monotonic() + 3
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def test_exit_code_0_is_healthy():
    assert run("true") is None


def test_any_other_exit_code_is_not_and_what_was_said_is_the_reason():
    assert run(*script("echo 'DISK CRITICAL'; echo '/var 99%' >&2; exit 2")) == "exit code 2: DISK CRITICAL /var 99%"
    assert run("false") == "exit code 1"


def test_a_program_that_dies_of_a_signal_names_it():
    assert run(*script("kill -TERM $$")) == "ended by SIGTERM"


def test_arguments_are_not_read_by_a_shell(tmp_path):
    assert run("test", "$(touch x); `touch x`", "=", "$(touch x); `touch x`") is None
    assert run(sys.executable, "-c", "import sys; sys.exit(sys.argv[1])", f"; touch {tmp_path}/x") == f"exit code 1: ; touch {tmp_path}/x"
    assert not (tmp_path / "x").exists()


def test_a_program_that_reads_its_input_finds_none():
    assert run("cat") is None


def test_output_without_end_is_bounded_and_does_not_stop_the_program():
    text = run(sys.executable, "-c", "import sys; sys.stdout.write('x' * 10_000_000); sys.exit(1)")
    assert text == "exit code 1: " + "x" * 2000


def test_a_program_that_cannot_be_started_says_nothing_about_the_target():
    with pytest.raises(Inconclusive, match="/no/such/program cannot be started: No such file"):
        run("/no/such/program")


def test_a_program_that_hangs_is_killed_at_the_timeout_with_every_child_that_it_forked(tmp_path):
    pids = tmp_path / "pids"
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        run(*script(f"trap '' TERM; sleep 60 & echo $! >> {pids}; sleep 60 & echo $! >> {pids}; echo $$ >> {pids}; wait"), timeout=3)
    assert time.monotonic() - began < 30
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 3
    wait_for(lambda: not any(map(is_alive, started)))


def test_a_child_that_outlives_its_program_is_killed_and_does_not_delay_the_result(tmp_path):
    began = time.monotonic()
    assert run(*script(f"sleep 60 & echo $! > {tmp_path}/pid; echo broken; exit 1")) == "exit code 1: broken"
    assert time.monotonic() - began < 30
    wait_for(lambda: not is_alive(int((tmp_path / "pid").read_text())))


def test_a_cancelled_check_leaves_no_process_and_stays_cancelled(tmp_path):
    async def cancelled():
        task = asyncio.create_task(check_command(script(f"echo $$ > {tmp_path}/new; mv {tmp_path}/new {tmp_path}/pid; exec sleep 60")))
        while not (tmp_path / "pid").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_no_file_descriptor_is_left_behind():
    async def many():
        before = len(os.listdir("/proc/self/fd"))
        for argv in [("true",), ("false",), script("sleep 60 & exit 1"), ("/no/such/program",)]:
            with contextlib.suppress(Inconclusive):
                await check_command(argv)
        await asyncio.sleep(0)
        return before, len(os.listdir("/proc/self/fd"))

    before, after = asyncio.run(many())
    assert after == before
