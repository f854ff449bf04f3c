# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command check: does a program exit with 0?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.probe.network_error import Inconclusive

_MOST_OUTPUT_BYTES = 2000  # of what the program says first; the rest is read and dropped
_LAST_WORDS_SECONDS = 0.05  # what an ended program wrote is in the pipe; whoever keeps it open longer is a child that it left
_DEATH_SECONDS = 2.0  # a killed process that waits for a dead disk does not die; the check does not wait with it


async def check_command(argv: Sequence[str]) -> str | None:
    """Run a program without a shell and say what is wrong, or None.

    The caller limits the time by cancelling. Nothing that the program started in its process group outlives the check.

    :raises Inconclusive: when the program cannot be started.
    """
    output = _Output()
    try:
        process = await _start(argv, output)
    except OSError as error:
        raise Inconclusive(f"{argv[0]} cannot be started: {error.strerror}") from error
    try:
        code = await process.wait()
    finally:
        await _end(process, output)
    if code == 0:
        return None
    ending = f"exit code {code}" if code > 0 else f"ended by {_signal_name(-code)}"
    text = " ".join(output.said.decode(errors="replace").split())
    return f"{ending}: {text}" if text else ending


class _Output(asyncio.Protocol):
    """The pipe that a program writes to, bounded."""

    def __init__(self) -> None:
        self.said = bytearray()
        self.closed = asyncio.Event()
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.said += data[: _MOST_OUTPUT_BYTES - len(self.said)]

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


async def _start(argv: Sequence[str], output: _Output) -> Process:
    # A pipe of our own: asyncio's would make `wait` last until every child of the program has closed it, in some versions of Python.
    reading_end, writing_end = os.pipe()
    try:
        reader = os.fdopen(reading_end, "rb", buffering=0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: output, reader)
        # A session of its own: its group holds whatever the program starts, and there is no terminal to ask for a password.
        return await asyncio.create_subprocess_exec(*argv, stdin=DEVNULL, stdout=writing_end, stderr=STDOUT, start_new_session=True)
    except BaseException:
        if output.transport is not None:
            output.transport.close()
        raise
    finally:
        os.close(writing_end)


async def _end(process: Process, output: _Output) -> None:
    """Take in the last words, and kill what is left of the process group."""
    try:
        if process.returncode is not None:
            await _at_most(_LAST_WORDS_SECONDS, output.closed.wait())
        if process.returncode is None or not output.closed.is_set():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await _at_most(_DEATH_SECONDS, process.wait())
    finally:
        output.transport.close()


async def _at_most(seconds: float, awaitable) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await awaitable


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
