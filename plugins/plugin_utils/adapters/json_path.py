# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Find values by JSONPath (RFC 9535), such as `$.payload.alerts[?@.status == 'firing'].host`, with the library python-jsonpath."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent

try:
    from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError, JSONPathTypeError
    from jsonpath.filter import StringLiteral
except ImportError:  # only those who write JSONPath need it
    JSONPathEnvironment = None

ROOT = "$"  # what begins so is JSONPath, anything else a dotted path


class InvalidQuery(ValueError):
    """A text that is no JSONPath, or one that cannot be used here; the message says why."""


@dataclass(frozen=True, slots=True)
class Query:
    """A JSONPath that is ready for use; `str()` is what the rulebook has."""

    text: str
    _compiled: JSONPath = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    def all_in(self, payload: Mapping[str, Any]) -> list[Any]:
        """Return all values that are found. Raises InvalidEvent when the payload is nested too deeply to look through."""
        try:
            return self._compiled.findall(payload)
        except (JSONPathError, RecursionError) as error:
            raise InvalidEvent(f"{self.text}: cannot be looked for in what came, which is nested too deeply or is not what the query takes") from error

    def first_in(self, payload: Mapping[str, Any]) -> Any:
        """Return the first value that is found, or None; raises like `all_in`."""
        return next(iter(self.all_in(payload)), None)


def compiled(text: str) -> Query:
    """Make a query of its text. Raises InvalidQuery."""
    if JSONPathEnvironment is None:
        raise InvalidQuery("needs the Python package python-jsonpath, beside ansible-rulebook: pip install 'python-jsonpath>=2'; or write a dotted path")
    try:
        return Query(text, _environment().compile(text))
    except JSONPathError as error:
        raise InvalidQuery(f"must be JSONPath as in RFC 9535, got {text!r}: {error.message}") from error
    except RecursionError as error:
        raise InvalidQuery(f"must be JSONPath as in RFC 9535, got {text[:60]!r}...: nested too deeply") from error


def _environment() -> JSONPathEnvironment:
    class Environment(JSONPathEnvironment):
        """RFC 9535 as it stands, but for regular expressions that come with an event: its sender could let us search for hours."""

        def check_well_typedness(self, token: Any, func: Any, args: list[Any]) -> None:
            super().check_well_typedness(token, func, args)
            if token.value in ("match", "search") and not isinstance(args[1], StringLiteral):
                raise JSONPathTypeError(f"{token.value}() takes a regular expression that is written in the query, none of what came", token=token)

    return Environment(strict=True)
