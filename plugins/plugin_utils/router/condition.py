# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a child fares: what /healthz, the metrics and the console say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS, REDACTED, redact

NOT_STARTED, RUNNING, FAILED, FINISHED = "not started", "running", "failed", "finished"

# Passwords may hold / and @ where somebody has not encoded them; what is a port's number and then a path is none.
_URL_PASSWORD = re.compile(r"(?<=://)(?!\[)([^/@\s:?#]*):(?!\d{1,5}[/?#])\S*@")
# From the ? of an address on, with or without the host before its path.
_URL_QUERY = re.compile(r"(?<=/)([^\s/?]*)\?(\S+)")
_PARAMETER = re.compile(r"([^&;=]+)(=?)([^&;]*)")
_CLOSING = "'\")]}>,.:;"
_SHORTEST_SECRET = 4  # shorter ones stand in every text by chance
_LONGEST_ERROR = 500
_LONGEST_READ = 10_000  # of a text that is to become so short


@dataclass(slots=True)
class Condition:
    """One child's state since `since`; `restarts` after failures, and its last failure. Times are seconds since the epoch; 0: never.

    `troubles` are what a child that runs cannot do just now, by the place in it, in words that hold no secret.
    """

    state: str = NOT_STARTED
    since: float = 0.0
    restarts: int = 0
    last_error: str = ""
    last_error_at: float = 0.0
    troubles: dict[str, str] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Tell whether nothing is wrong with it now."""
        return self.state != FAILED and not self.troubles

    def started(self, now: float) -> None:
        """Note a start: the first one, or one after a failure."""
        if self.state == FAILED:
            self.restarts += 1
        self.state, self.since = RUNNING, now
        self.troubles.clear()

    def failed(self, error: str, now: float) -> None:
        """Note a failure, in words that hold no secret (see `without_secrets`)."""
        self.state, self.since = FAILED, now
        self.troubles.clear()
        self.last_error, self.last_error_at = error, now

    def finished(self, now: float) -> None:
        """Note that the child has returned."""
        self.state, self.since = FINISHED, now
        self.troubles.clear()


def without_secrets(text: str, args: Any) -> str:
    """Return an error's text, in one line of bounded length, without secrets.

    These are those among the arguments that it was raised for, and in each URL the password and the values of the query, which may be a key.
    """
    for secret in sorted(set(_secrets(args, redact(args, DEFAULT_WORDS))), key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    line = " ".join(text[:_LONGEST_READ].split())
    line = _URL_QUERY.sub(_without_values, _URL_PASSWORD.sub(rf"\1:{REDACTED}@", line))
    return line if len(line) <= _LONGEST_ERROR else line[: _LONGEST_ERROR - 1] + "…"


def _without_values(found: re.Match) -> str:
    query = found[2].rstrip(_CLOSING)
    closing = found[2][len(query) :]
    return f"{found[1]}?{_PARAMETER.sub(_without_value, query)}{closing}"


def _without_value(found: re.Match) -> str:
    name, equals, value = found.groups()
    if not equals:
        return REDACTED  # the whole of it may be a key
    return f"{name}={REDACTED if value else ''}"


def _secrets(given: Any, redacted: Any) -> Iterator[str]:
    """Yield the texts that redaction has taken out."""
    if isinstance(given, dict) and isinstance(redacted, dict):
        for key in given:
            yield from _secrets(given[key], redacted[key])
    elif isinstance(given, (list, tuple)) and isinstance(redacted, list):
        for one, other in zip(given, redacted):
            yield from _secrets(one, other)
    elif redacted == REDACTED:
        yield from (text for text in _texts(given) if len(text) >= _SHORTEST_SECRET)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
