# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Senders: wrk (https://github.com/wg/wrk), a load generator in C that leaves the processors to others; what it sends stands in *.lua."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).with_name("load.lua")
_POST_SCRIPT = Path(__file__).with_name("post.lua")
_MOST_SECONDS = 60  # that an answer is waited for: wrk keeps a counter for each microsecond of it

needs_wrk = pytest.mark.skipif(not shutil.which("wrk"), reason="needs wrk (bindep.txt)")


@dataclass(frozen=True)
class Alerts:
    """What is sent: `keys` different alerts (0: each is another) for `hosts` hosts; with `resolve` every second one of a key says that it is over."""

    name: str
    hosts: int = 200
    keys: int = 1000
    resolve: bool = False


@dataclass(frozen=True)
class Answers:
    """What the senders saw: requests that were answered, and how long they waited, in seconds."""

    requests: int
    seconds: float
    p50: float
    p90: float
    p99: float
    longest: float
    refused: int
    broken: int
    timed_out: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


class Sender:
    """wrk at work on a port of this machine: as fast as answers come, or, with `pause_seconds` between them, at a steady rate.

    It ends after `seconds`, and sends no more than `most` requests until then.
    """

    def __init__(self, port: int, alerts: Alerts, *, connections: int, seconds: int, most: int = 0, pause_seconds: float = 0) -> None:
        arguments = [alerts.hosts, alerts.keys, alerts.name, int(alerts.resolve), most, round(pause_seconds * 1000)]
        command = ["wrk", "--threads", 1, "--connections", connections, "--duration", f"{seconds}s", "--timeout", f"{_MOST_SECONDS}s", "--script", _SCRIPT]
        command += [f"http://127.0.0.1:{port}/alerts", "--", *arguments]
        self._process = subprocess.Popen(
            [str(each) for each in command], env=os.environ | {"WRK_CONNECTIONS": str(connections)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    def stop(self) -> None:
        """Have it end now, as Ctrl-C does: what it saw until then counts."""
        self._process.send_signal(signal.SIGINT)

    def answers(self) -> Answers:
        """Wait for its end, and return what it saw."""
        output, _errors = self._process.communicate()
        return _answers(self._process.returncode, output)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


def send(port: int, alerts: Alerts, **how) -> Answers:
    """Send alerts, and return what the senders saw."""
    with Sender(port, alerts, **how) as sender:
        return sender.answers()


def post(url: str, body: Path, header: tuple[str, str] | None = None, *, connections: int, seconds: int) -> Answers:
    """Post the same body again and again, as fast as answers come, and return what the senders saw."""
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", f"{_MOST_SECONDS}s"]
    command += ["--script", str(_POST_SCRIPT), url, "--", str(body), *(header or ())]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return _answers(done.returncode, done.stdout)


def _answers(code: int, output: str) -> Answers:
    found = re.search(r"^RESULT (\{.*\})$", output, re.MULTILINE)
    assert code == 0 and found, output
    return Answers(**json.loads(found[1]))
