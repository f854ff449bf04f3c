# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter patterns of CloudWatch Logs: terms, optional and excluded ones, phrases, regular expressions, and simple comparisons in JSON.

moto knows terms and phrases, and finds every line where it does not know a pattern.
The language: Amazon CloudWatch Logs User Guide, "Filter pattern syntax". Patterns of columns ([a, b]) are not known here,
and compound ones are read from left to right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.utils import EventMessageFilter

_TERM = re.compile(r'(?P<mark>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>[^\s"]+))')
_COMPARISON = re.compile(r'\$\.(?P<path>[\w.]+)\s*(?P<operator>!=|>=|<=|=|>|<)\s*(?:"(?P<text>[^"]*)"|(?P<bare>[^\s&|}]+))')
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "!=": lambda found, wanted: found != wanted,
    ">": lambda found, wanted: found > wanted,
    "<": lambda found, wanted: found < wanted,
    ">=": lambda found, wanted: found >= wanted,
    "<=": lambda found, wanted: found <= wanted,
}


def add_to_moto() -> None:
    """Teach moto the patterns."""
    EventMessageFilter.__init__ = lambda self, pattern: setattr(self, "takes", matcher_of(pattern))
    EventMessageFilter.matches = lambda self, message: self.takes(message)


def matcher_of(pattern: str | None) -> Callable[[str], bool]:
    """Return what says whether a line matches a pattern; an empty one takes all."""
    written = (pattern or "").strip()
    if written.startswith("[") or (written.startswith("{") and not written.endswith("}")):
        raise InvalidParameterException("Invalid filter pattern")
    if written.startswith("{"):
        return lambda message: _json_matches(written[1:-1], message)
    terms = [(found["mark"], _one(found)) for found in _TERM.finditer(written)]
    optional = [test for mark, test in terms if mark == "?"]
    needed = [test for mark, test in terms if mark == ""]
    excluded = [test for mark, test in terms if mark == "-"]
    return lambda message: (
        all(test(message) for test in needed)
        and (not optional or bool(needed) or any(test(message) for test in optional))
        and not any(test(message) for test in excluded)
    )


def _one(found: re.Match[str]) -> Callable[[str], bool]:
    if found["regex"]:
        return lambda message: re.search(found["regex"], message) is not None
    text = re.sub(r"\\(.)", r"\1", found["quoted"]) if found["quoted"] is not None else found["word"]
    return lambda message: text in message


def _json_matches(written: str, message: str) -> bool:
    try:
        document = json.loads(message)
    except ValueError:
        return False
    if not isinstance(document, dict):
        return False
    parts = re.split(r"(&&|\|\|)", written.replace("(", " ").replace(")", " "))
    result = _holds(parts[0], document)
    for joint, part in zip(parts[1::2], parts[2::2], strict=True):
        result = (result and _holds(part, document)) if joint == "&&" else (result or _holds(part, document))
    return result


def _holds(written: str, document: Any) -> bool:
    found = _COMPARISON.fullmatch(written.strip())
    if not found:
        raise InvalidParameterException("Invalid filter pattern")
    value = document
    for key in found["path"].split("."):
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    if found["text"] is None and found["bare"].lstrip("-").replace(".", "", 1).isdigit():
        return isinstance(value, int | float) and _COMPARED[found["operator"]](value, float(found["bare"]))
    wanted = found["text"] if found["text"] is not None else found["bare"]
    pattern = re.compile(".*".join(map(re.escape, wanted.split("*"))))
    return isinstance(value, str) and (pattern.fullmatch(value) is not None) == (found["operator"] == "=")
