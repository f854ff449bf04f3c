# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An entry of `logs`: which log groups are searched, for what, and how matches are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.accounts import CHOSEN
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.beginning import START_SCHEMA, require_start
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES

# CreateLogGroup: 1 to 512 of these characters.
_GROUP = "^[A-Za-z0-9_./#-]{1,512}$"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["groups"]}, {"required": ["prefix"]}],
    "properties": {
        **CHOSEN,
        "groups": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "uniqueItems": True,
            "items": {"type": "string", "pattern": _GROUP, "expected": "the name of a log group, such as /aws/lambda/orders"},
        },
        "prefix": {"type": "string", "pattern": _GROUP, "expected": "what names of log groups begin with, such as /aws/lambda/"},
        "pattern": {"type": "string", "minLength": 1, "maxLength": 1024},
        "name": {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,100}$", "expected": "a name of 1 to 100 characters"},
        "severity": {"enum": list(SEVERITIES), "default": "error"},
        "interval": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 30},
        "overlap": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 120},
        "window": {"type": "integer", "minimum": 1, "maximum": 86_400, "default": 60},
        "samples": {"type": "integer", "minimum": 0, "maximum": 20, "default": 5},
        "from": START_SCHEMA,
    },
}


@dataclass(frozen=True, slots=True)
class Settings:
    """One entry, taken apart.

    `accounts` and `regions`: none means all. Either `groups` are named, or it is all that begin with `prefix`. `pattern` None: every line matches. `name`
    None: the group's. `where` is the entry's place in the arguments.
    """

    where: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    prefix: str | None = None
    pattern: str | None = None
    name: str | None = None
    severity: str = "error"
    interval_seconds: float = 30.0
    overlap_seconds: float = 120.0
    window_seconds: int = 60
    samples: int = 5
    start: str = "now"

    @property
    def key(self) -> str:
        """Return what a group is remembered under: an entry that looks for something else begins anew."""
        return fingerprint(self.pattern or "", self.name or "")

    @property
    def overlap(self) -> int:
        """Return the overlap in milliseconds."""
        return int(self.overlap_seconds * 1000)

    @property
    def window(self) -> int:
        """Return the length of a window in milliseconds."""
        return self.window_seconds * 1000

    @property
    def grace(self) -> int:
        """Return for how long after its end the last lines of a window are waited for, in milliseconds: most take a moment to arrive."""
        return min(self.overlap, self.window // 10, 5000)


def read(written: Mapping, where: str, mistakes: Mistakes) -> Settings | None:
    """Take an entry apart; what is wrong goes to `mistakes`."""
    given = mistakes.read(written, SCHEMA, where)
    if given is None:
        return None
    require_start(given["from"], f"{where}.from", mistakes)
    return Settings(
        where,
        **{key: tuple(given[key]) for key in ("accounts", "regions", "groups") if key in given},
        **{key: given[key] for key in ("prefix", "pattern", "name") if key in given},
        severity=given["severity"],
        interval_seconds=given["interval"],
        overlap_seconds=given["overlap"],
        window_seconds=given["window"],
        samples=given["samples"],
        start=given["from"],
    )
