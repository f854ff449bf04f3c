# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Labels that the rulebook gives to alarms by their names, for rules to read: an alarm's own dimensions are words of whoever publishes the metric."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "maxItems": 1000,
    "default": [],
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "labels"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 255, "expected": "the name of an alarm, in which * stands for anything"},
            "labels": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 20,
                "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]{0,99}$", "expected": "the name of a label, of letters, digits and underscores"},
                "additionalProperties": {"type": "string", "maxLength": 255},
            },
        },
    },
}


@dataclass(frozen=True)
class Labels:
    """What the names of alarms must look like, each with the labels that such alarms get. The first that fits counts."""

    rules: tuple[tuple[re.Pattern[str], Mapping[str, str]], ...] = ()

    def given_to(self, event: Event) -> Event:
        """Return an event, with these labels where it is about an alarm. No alarm brings labels of these names along."""
        own = event.data.get("labels")
        if not self.rules or not event.type.startswith(("alert.", "aws.cloudwatch.")) or not isinstance(own, Mapping):
            return event
        names = {name for _pattern, labels in self.rules for name in labels}
        kept = {name: value for name, value in own.items() if name not in names}
        return replace(event, data={**event.data, "labels": {**kept, **self._of(event.data.get("name"))}})

    def _of(self, name: Any) -> Mapping[str, str]:
        if not isinstance(name, str):
            return {}
        return next((labels for pattern, labels in self.rules if pattern.fullmatch(name)), {})


def read_labels(written: Sequence[Mapping[str, Any]]) -> Labels:
    """Make the rules of what the schema has checked. Only * has a meaning in a name."""
    return Labels(tuple((_pattern(each["name"]), each["labels"]) for each in written))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(translate(name.replace("[", "[[]").replace("?", "[?]")))
