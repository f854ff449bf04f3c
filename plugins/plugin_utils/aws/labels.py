# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Labels that the rulebook gives to alarms by their names, for rules to read: an alarm's own dimensions are words of whoever publishes the metric."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import translate
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import MONITOR
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .access.accounts import REGION_SCHEMA
from .own_sources import ALARM_SOURCES

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
            "account": {"type": "string", "pattern": "^[0-9]{12}$", "expected": "the number of an account, of twelve digits, in quotes"},
            "region": REGION_SCHEMA,
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
class Rule:
    """What the name of an alarm must look like, the account and region that it must be of (None: any), and the labels that such an alarm gets."""

    name: re.Pattern[str]
    account: str | None
    region: str | None
    labels: Mapping[str, str]

    def fits(self, name: str, origin: Origin) -> bool:
        return bool(self.name.fullmatch(name)) and self.account in (None, origin.account) and self.region in (None, origin.region)


@dataclass(frozen=True)
class Labels:
    """The rules. The first that fits counts."""

    rules: tuple[Rule, ...] = ()

    def given_to(self, event: Event) -> Event:
        """Return an event, with these labels where it is about an alarm. No event brings labels of these names along."""
        own = event.data.get("labels")
        if not self.rules or not isinstance(own, Mapping):
            return event
        names = {name for rule in self.rules for name in rule.labels}
        kept = {name: value for name, value in own.items() if name not in names}
        return replace(event, data={**event.data, "labels": {**kept, **self._of(event)}})

    def _of(self, event: Event) -> Mapping[str, str]:
        name = event.data.get("name")
        # Only what this source has read itself, in the form that AWS gives it: an envelope, whoever sends it, has another source.
        if event.data.get("monitor") != MONITOR or not event.source.startswith(ALARM_SOURCES) or not isinstance(name, str):
            return {}
        origin = Origin.of_arn(event.data.get("alarm_arn"))
        return next((rule.labels for rule in self.rules if rule.fits(name, origin)), {})


def read_labels(written: Sequence[Mapping[str, Any]]) -> Labels:
    """Make the rules of what the schema has checked. Only * has a meaning in a name."""
    return Labels(tuple(Rule(_pattern(each["name"]), each.get("account"), each.get("region"), each["labels"]) for each in written))


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(translate(name.replace("[", "[[]").replace("?", "[?]")))
