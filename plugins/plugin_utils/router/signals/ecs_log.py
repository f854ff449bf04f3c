# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The structured log: each decision is a line of JSON, written by a thread of its own.

Nothing waits for it. While the disk is full or nobody reads the pipe, decisions gather up to a bound; what comes beyond it is lost, and a line
in their place says how many. `event.sequence` counts without a gap otherwise.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Change

from .bounded_text import Limits
from .ecs_fields import fields, is_decision, lost_fields
from .hub import Hub
from .log_output import Output, output_to
from .version import collection_version

logger = logging.getLogger(__name__)

_MOST_WAITING = 10_000  # some 20 MB
_AT_ONCE = 100
_RETRY_SECONDS = 1.0
_QUIET_SECONDS = 60.0  # a full disk is a message a minute
_LIMITS = Limits()
_TIGHT_LIMITS = Limits(text_bytes=100, entries=3)  # a line under 4096 bytes, whatever the sender wrote


@dataclass(slots=True)
class _Lost:
    """A gap: so many lines are missing here."""

    lines: int
    since: float


class EcsLog:
    """A sink of the hub that writes a log.

    :param output: where to; closed with this.
    :param version: of the collection.
    :param most_waiting: how many decisions wait for the output at most.
    """

    def __init__(self, output: Output, *, version: str, most_waiting: int = _MOST_WAITING) -> None:
        self.lost = 0  # lines, ever
        self.written = 0
        self._output = output
        self._version = version
        self._most_waiting = most_waiting
        self._id = uuid.uuid4().hex
        self._sequence = 0
        self._waiting: deque[tuple[int, Change] | _Lost] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._complained_at = float("-inf")
        self._thread = threading.Thread(target=self._serve, name="eventops-log", daemon=True)
        self._thread.start()

    def __call__(self, changes: Sequence[Change]) -> None:
        """Take decisions to be written; from any thread, without waiting for anything."""
        decisions = [change for change in changes if is_decision(change)]
        if not decisions:
            return
        with self._changed:
            for change in decisions:
                self._sequence += 1
                if len(self._waiting) < self._most_waiting:
                    self._waiting.append((self._sequence, change))
                else:
                    self._lose(1)
            self._changed.notify()

    def close(self, at_most_seconds: float = 2.0) -> None:
        """Write what waits and end; what cannot be written in that time is lost, and said so."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(at_most_seconds)
        with self._changed:
            missing = sum(entry.lines if isinstance(entry, _Lost) else 1 for entry in self._waiting)
        if missing or self._thread.is_alive():
            logger.error("the log could not be written to its end: at least %d line(s) are missing", missing)

    def _lose(self, lines: int) -> None:
        self.lost += lines
        if self._waiting and isinstance(last := self._waiting[-1], _Lost):
            last.lines += lines
        else:
            self._waiting.append(_Lost(lines, time.time()))

    def _serve(self) -> None:
        while entries := self._next():
            lines = [line for entry in entries if (line := self._line(entry))]
            if not self._write(lines):
                break
        self._output.close()

    def _next(self) -> list[tuple[int, Change] | _Lost]:
        """Wait for entries; none when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return [self._waiting.popleft() for _place in range(min(_AT_ONCE, len(self._waiting)))]

    def _write(self, lines: list[bytes]) -> bool:
        """Write lines, for as long as that takes; False when it is to end and they cannot be written now."""
        while lines:
            number = len(lines)
            try:
                self._output.write(lines)
            except OSError as error:
                self._complain("the log cannot be written, trying again in %g s; %d line(s) lost so far: %s", _RETRY_SECONDS, self.lost, error)
            self.written += number - len(lines)
            if lines and self._has_to_end():
                with self._changed:
                    self._lose(len(lines))
                return False
        return True

    def _has_to_end(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._closing, _RETRY_SECONDS)

    def _line(self, entry: tuple[int, Change] | _Lost) -> bytes | None:
        try:
            if isinstance(entry, _Lost):
                return _encoded(lost_fields(entry.lines, entry.since, time.time(), version=self._version))
            line = self._encoded_decision(*entry, _LIMITS)
            if self._output.most_bytes is not None and len(line) > self._output.most_bytes:
                line = self._encoded_decision(*entry, _TIGHT_LIMITS)
            return line
        except Exception as error:  # one line that cannot be made must not end the log
            with self._changed:
                self.lost += 1
            self._complain("a decision cannot be written to the log: %r", error)
            return None

    def _encoded_decision(self, sequence: int, change: Change, limits: Limits) -> bytes:
        said = fields(change, version=self._version, limits=limits)
        said["event"] |= {"id": f"{self._id}-{sequence}", "sequence": sequence}
        return _encoded(said)

    def _complain(self, message: str, *arguments: object) -> None:
        now = time.monotonic()
        if now - self._complained_at >= _QUIET_SECONDS:
            self._complained_at = now
            logger.error(message, *arguments)


def start_log(target: str | None, hub: Hub) -> EcsLog | None:
    """Write what the hub is told to `stdout` or a file, by its absolute path; None: nobody asked for it."""
    if target is None:
        return None
    log = EcsLog(output_to(target), version=collection_version())
    hub.add_sink(log)
    return log


def _encoded(said: dict[str, Any]) -> bytes:
    # ASCII only: no line separator of Unicode, no control character of a terminal and no lone surrogate gets through.
    return json.dumps(said, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
