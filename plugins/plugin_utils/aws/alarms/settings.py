# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An entry of `alarms`: which alarms are watched, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_alarm import SCHEMA as ADAPTER_SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import ALARM, INSUFFICIENT_DATA, OK
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.accounts import CHOSEN
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.beginning import START_SCHEMA, require_start
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

METRIC, COMPOSITE = "metric", "composite"
STATES = (ALARM, OK, INSUFFICIENT_DATA)

# PutMetricAlarm: names have at most 255 characters, and no control character.
_NAME = {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,255}$", "expected": "the name of an alarm, 1 to 255 characters"}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **CHOSEN,
        "names": {"type": "array", "minItems": 1, "maxItems": 1000, "uniqueItems": True, "items": _NAME},
        "prefix": {**_NAME, "expected": "what names of alarms begin with, 1 to 255 characters"},
        "tags": {"type": "object", "minProperties": 1, "maxProperties": 50, "additionalProperties": {"type": "string"}},
        "states": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(STATES)}},
        "types": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": [METRIC, COMPOSITE]}},
        "interval": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 60},
        "overlap": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 120},
        "from": START_SCHEMA,
        "severity": ADAPTER_SCHEMA["properties"]["severity"],
        "insufficient_data": ADAPTER_SCHEMA["properties"]["insufficient_data"],
    },
}


@dataclass(frozen=True, slots=True)
class Settings:
    """One entry, taken apart.

    `accounts` and `regions`: none means all. `names` and `prefix`: without either it is every alarm. `where` is the entry's place in the arguments.
    """

    where: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    states: tuple[str, ...] = STATES
    types: tuple[str, ...] = (METRIC, COMPOSITE)
    interval_seconds: float = 60.0
    overlap_seconds: float = 120.0
    start: str = "now"
    severity: str = "error"
    insufficient_data: str = "change"

    @property
    def key(self) -> str:
        """Return what the place is remembered under that this entry has read to: an entry that selects other alarms begins anew."""
        return fingerprint(*self.names, "prefix", self.prefix, *self.types, *(f"{name}={value}" for name, value in sorted(self.tags.items())))

    def could_select(self, name: str, type_: str) -> bool:
        """Tell whether an alarm is one of the entry's, as far as that can be told without its tags."""
        return type_ in self.types and name.startswith(self.prefix) and (not self.names or name in self.names)

    def fires(self, state: str) -> bool:
        """Tell whether an alarm in a state is a problem."""
        return state == ALARM or (state == INSUFFICIENT_DATA and self.insufficient_data == "firing")


def read(written: Mapping, where: str, mistakes: Mistakes) -> Settings | None:
    """Take an entry apart; what is wrong goes to `mistakes`."""
    given = mistakes.read(written, SCHEMA, where)
    if given is None:
        return None
    if "names" in given and "prefix" in given:
        mistakes.add(where, "has names and prefix; keep one of them")
    require_start(given["from"], f"{where}.from", mistakes)
    lists = {key: tuple(given[key]) for key in ("accounts", "regions", "names", "states", "types") if key in given}
    return Settings(
        where,
        prefix=given.get("prefix", ""),
        tags=given.get("tags", {}),
        interval_seconds=given["interval"],
        overlap_seconds=given["overlap"],
        start=given["from"],
        severity=given["severity"],
        insufficient_data=given["insufficient_data"],
        **lists,
    )
