# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A program whose output nobody reads any more goes on to its end; other errors stay errors."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils import unread_output

# It writes, waits until its reader has gone, writes more than any buffer holds, and leaves word that it came to its end.
PROGRAM = """
import importlib.util, pathlib, sys, time

path, trace, outlive = sys.argv[1:]
spec = importlib.util.spec_from_file_location("unread_output", path)
unread_output = importlib.util.module_from_spec(spec)
spec.loader.exec_module(unread_output)
if outlive == "yes":
    unread_output.outlive_reader()
print("read", flush=True)
sys.stdin.read()
for _line in range(3000):
    print("not read" * 10)
    print("not read" * 10, file=sys.stderr, flush=True)
sys.stdout.flush()
pathlib.Path(trace).write_text("the end")
"""


def run(tmp_path: Path, reader: int, writer: int, *, outlive: bool, unbuffered: bool = False) -> tuple[int, bool]:
    """Run the program, let go of its output after the first line; return its exit code and whether it came to its end."""
    trace = tmp_path / "trace"
    arguments = [unread_output.__file__, str(trace), "yes" if outlive else "no"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"} if unbuffered else None
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=writer, stderr=writer, env=environment)
    os.close(writer)
    assert os.read(reader, 4) == b"read"
    os.close(reader)
    program.stdin.close()
    return program.wait(30), trace.exists()


@pytest.mark.parametrize("unbuffered", [False, True], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("channel", [os.openpty, os.pipe], ids=["terminal", "pipe"])
def test_it_goes_on_to_its_end(tmp_path, channel, unbuffered):
    assert run(tmp_path, *channel(), outlive=True, unbuffered=unbuffered) == (0, True)


@pytest.mark.parametrize("channel", [os.openpty, os.pipe], ids=["terminal", "pipe"])
def test_without_it_the_program_would_have_ended_there(tmp_path, channel):
    code, came_to_its_end = run(tmp_path, *channel(), outlive=False)
    assert code != 0 and not came_to_its_end


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_as_before():
    with open("/dev/full", "w", encoding="ascii") as full:
        unread_output.outlive_reader([full])
        full.write("x")
        with pytest.raises(OSError, match="No space left"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # so that it can be closed


def test_a_stream_that_is_no_file_is_left_alone():
    stream = io.StringIO()
    unread_output.outlive_reader([stream])
    stream.write("kept")
    assert stream.getvalue() == "kept"
