# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The structured log: a line for each decision, in order; nobody waits for it, and what is lost is said."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.ecs_log import EcsLog
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.log_output import LogFile, StandardOutput
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CASE_NOTED, OPEN, Change

from . import decisions

HOSTILE = [
    'x"}\n{"event":{"action":"forged"}}',
    "carriage\r\nreturn",
    "next\u0085line, separators\u2028and\u2029these",
    "bidi \u202eoverride, \x1b[2J terminal, \x00 nothing",
    "lone \ud800 surrogate, \N{PILE OF POO}",
    "\\u000a escaped already",
]


class Waiting:
    """An output that takes lines once it is opened, and may be told to fail."""

    most_bytes = None

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.began = threading.Event()
        self.failure: OSError | None = None
        self.lines: list[bytes] = []
        self.tries = 0

    def write(self, lines: list[bytes]) -> None:
        self.tries += 1
        self.began.set()
        self.opened.wait()
        if self.failure:
            raise self.failure
        self.lines += lines
        lines.clear()

    def close(self) -> None:
        pass


def noted(why: str) -> Change:
    return Change(decisions.NOON, CASE_NOTED, why, "anna", OPEN, decisions.CASE)


def read(path) -> list[dict]:
    data = path.read_bytes()
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def test_every_decision_is_a_line_in_order_with_a_number_and_an_id_of_its_own(tmp_path):
    log = EcsLog(LogFile(tmp_path / "log.json"), version="0.1.0")
    for change in decisions.DECISIONS.values():
        log([change])
    log.close()
    lines = read(tmp_path / "log.json")
    assert [line["event"]["action"] for line in lines] == [change.action for change in decisions.DECISIONS.values()]
    assert [line["event"]["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert len({line["event"]["id"] for line in lines}) == len(lines) == log.written
    assert log.lost == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_line_and_stays_where_it_belongs(tmp_path, text):
    log = EcsLog(LogFile(tmp_path / "log.json"), version="0.1.0")
    log([replace(noted(text), case=replace(decisions.CASE, subject=text, name=text, dedup_key=text, hosts=(text,)))])
    log.close()
    data = (tmp_path / "log.json").read_bytes()
    assert data.isascii() and len(data.splitlines()) == 1 and not any(byte < 0x20 for byte in data[:-1])
    (line,) = read(tmp_path / "log.json")
    assert line["event"]["action"] == CASE_NOTED and line["event"]["reason"] == line["eventops"]["case"]["subject"] == text


def test_nobody_waits_for_an_output_that_hangs_and_the_gap_is_told_in_its_place():
    output = Waiting()
    log = EcsLog(output, version="0.1.0", most_waiting=5)
    log([noted("first")])
    output.began.wait()  # the thread hangs with the first line
    began = time.monotonic()
    log([noted(f"{number}") for number in range(8)])
    assert time.monotonic() - began < 0.5
    assert log.lost == 3
    output.opened.set()
    wait_until(lambda: len(output.lines) == 7)
    log([noted("last")])
    log.close()
    lines = [json.loads(line) for line in output.lines]
    assert [line["event"].get("sequence") for line in lines] == [1, 2, 3, 4, 5, 6, None, 10]
    gap = lines[6]
    assert (gap["event"]["kind"], gap["event"]["action"], gap["eventops"]["log"]["lost"]) == ("pipeline_error", "log-lines-lost", 3)


def test_what_cannot_be_written_now_is_written_when_the_disk_has_room_and_the_reason_is_said_once(caplog):
    output = Waiting()
    output.opened.set()
    output.failure = OSError(28, "No space left on device")
    log = EcsLog(output, version="0.1.0")
    with caplog.at_level(logging.ERROR):
        log([noted("one"), noted("two")])
        wait_until(lambda: output.tries == 2)
        output.failure = None
        wait_until(lambda: log.written == 2)
    log.close()
    assert [json.loads(line)["event"]["reason"] for line in output.lines] == ["one", "two"]
    assert log.lost == 0
    (message,) = [record.getMessage() for record in caplog.records]
    assert "No space left on device" in message


def test_stopping_does_not_wait_for_an_output_that_fails_or_hangs(caplog):
    failing, hanging = Waiting(), Waiting()
    failing.opened.set()
    failing.failure = OSError(28, "No space left on device")
    logs = [EcsLog(failing, version="0.1.0"), EcsLog(hanging, version="0.1.0")]
    for log in logs:
        log([noted("one")])
    began = time.monotonic()
    with caplog.at_level(logging.ERROR):
        for log in logs:
            log.close(at_most_seconds=0.5)
    assert time.monotonic() - began < 3
    assert sum("could not be written to its end" in record.getMessage() for record in caplog.records) == 2
    hanging.opened.set()


def test_a_pipe_gets_lines_that_nobody_can_write_into(tmp_path):
    reader, writer = os.pipe()
    log = EcsLog(StandardOutput(writer), version="0.1.0")
    emoji = "\N{PILE OF POO}" * 2000
    log([noted("short"), replace(noted(emoji), case=replace(decisions.CASE, name=emoji, subject=emoji, hosts=tuple([emoji] * 50)))])
    log.close()
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        short, long = pipe.read().splitlines(keepends=True)
    assert json.loads(short)["event"]["reason"] == "short"
    assert len(long) <= 4096 and json.loads(long)["eventops"]["hosts"] == 50


def test_a_decision_that_cannot_be_written_is_counted_and_ends_nothing(tmp_path, caplog):
    log = EcsLog(LogFile(tmp_path / "log.json"), version="0.1.0")
    log([replace(noted("x"), time=float("inf")), noted("after it")])
    log.close()
    assert [line["event"]["reason"] for line in read(tmp_path / "log.json")] == ["after it"]
    assert log.lost == 1 and "cannot be written to the log" in caplog.text


def wait_until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
