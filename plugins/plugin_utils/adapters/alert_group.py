# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The webhook that Alertmanager made and Grafana took over: a group of alerts, each with its own status.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config has the fields that both share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import Alert, fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered_under
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.origin import ORIGIN_SCHEMA, of_origin
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.several import read_each
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.severity import MAP_SCHEMA, severity_of
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import kept_beside
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import describe
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import in_utc

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "hosts": HOSTS_SCHEMA,
        "origin": ORIGIN_SCHEMA,
        "severity": {
            "type": "object",
            "properties": {
                "label": {"type": "string", "minLength": 1, "expected": "the name of a label, such as severity"},
                "map": MAP_SCHEMA,
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
DEFAULT_HOSTS = ({"label": "host"}, {"label": "instance", "strip_port": True})

_VERSIONS = {"alertmanager": "4", "grafana": "1"}
_FINGERPRINT = re.compile(r"[0-9a-f]{16}", re.ASCII)
_LONGEST_OF_GROUP = 1024
_NO_TIME = "0001-"  # Go's zero time: the alert has no end yet

Also = Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
KnownBy = Callable[[str, Mapping[str, Any]], str]


def read_webhook(
    payload: Mapping[str, Any], *, monitor: str, also: Also, known_by: KnownBy, settings: Mapping[str, Any], context: AdapterContext
) -> list[Event] | None:
    """Make one event of each alert of a group, by the alert's own status: a group that fires may hold alerts that are over.

    None when there is no group of alerts. Deliveries have no id, so each makes new events: what repeats joins its case by `dedup_key`.

    :param monitor: whose webhook it is to be.
    :param also: what else of an alert, and of its group, becomes `data` (Grafana has more of it).
    :param known_by: makes of an alert's fingerprint and of what else became `data` what tells the problem from all others of this monitor.
    :raises InvalidEvent: for a version that is not the monitor's, and when none of the alerts can be read.
    """
    under, group = delivered_under(payload)
    if not isinstance(group, Mapping) or not isinstance(group.get("alerts"), list) or "groupKey" not in group:
        return None
    _require_version(group.get("version"), monitor)
    truncated = group.get("truncatedAlerts")
    of_group = {
        "receiver": _short(group.get("receiver")),
        "group_key": _short(group.get("groupKey")),
        "external_url": _short(group.get("externalURL")),
        "truncated_alerts": truncated if isinstance(truncated, int) and not isinstance(truncated, bool) and truncated > 0 else None,
    }

    beside, alerts = kept_beside(payload), group["alerts"]

    def read(alert: Any) -> Event:
        if not isinstance(alert, Mapping):
            raise InvalidEvent(f"must be an object with status and labels, got {describe(alert)}")
        event = _alert(alert, monitor, {**of_group, **also(alert, group)}, known_by, settings, context).event(context, {})
        return event.with_content(event.data, beside if len(alerts) == 1 else _as_if_alone(alert, group, beside, under))

    return read_each(alerts, "alerts", read, context)


def _as_if_alone(alert: Any, group: Mapping[str, Any], beside: Mapping[str, Any], under: str | None) -> dict[str, Any]:
    """Return what stands beside the event of one alert of several: with all of them beside each, a storm would be kept as its square."""
    return {**beside, "alerts": [alert]} if under is None else {**beside, under: {**group, "alerts": [alert]}}


def _require_version(version: Any, monitor: str) -> None:
    if version == _VERSIONS[monitor]:
        return
    whose = next((f"; {other} sends that: take the adapter {other}" for other, theirs in _VERSIONS.items() if version == theirs), "")
    raise InvalidEvent(f"version: must be the text '{_VERSIONS[monitor]}' of {monitor}'s webhook, got {describe(version)}{whose}")


def _alert(alert: Mapping[str, Any], monitor: str, more: Mapping[str, Any], known_by: KnownBy, settings: Mapping[str, Any], context: AdapterContext) -> Alert:
    firing, labels = _is_firing(alert.get("status")), _texts("labels", alert.get("labels"))
    annotations = _texts("annotations", alert.get("annotations") or {})
    severity = settings.get("severity", {})
    starts_at, ends_at = _time(alert.get("startsAt")), None if firing else _time(alert.get("endsAt"))
    return Alert(
        firing=firing,
        monitor=monitor,
        name=labels.get("alertname", ""),
        fingerprint=of_origin(settings, known_by(_fingerprint(alert.get("fingerprint"), labels), more)),
        hosts=hosts_by(settings.get("hosts", DEFAULT_HOSTS), labels=labels, content=alert, context=context),
        labels=labels,
        severity=severity_of(labels.get(severity.get("label", "severity")), severity.get("map", {})),
        summary=annotations.get("summary"),
        description=annotations.get("description"),
        starts_at=starts_at,
        ends_at=ends_at,
        value=more.get("value"),
        url=_text(alert.get("generatorURL")),
        time=starts_at if firing else ends_at,
        more=more,
    )


def _is_firing(status: Any) -> bool:
    if status not in ("firing", "resolved"):
        raise InvalidEvent(f"status: must be firing or resolved, got {describe(status)}")
    return status == "firing"


def _texts(where: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise InvalidEvent(f"{where}: must be an object of texts, got {describe(value)}")
    for key, item in value.items():
        if not isinstance(item, str):
            raise InvalidEvent(f"{where}: must be an object of texts, got {describe(item)} as {describe(key)}")
    return value


def _fingerprint(given: Any, labels: Mapping[str, str]) -> str:
    """Take the monitor's fingerprint; a pair of them for high availability makes the same of the same labels, as we do where there is none."""
    if isinstance(given, str) and _FINGERPRINT.fullmatch(given):
        return given
    return fingerprint(*(part for label in sorted(labels.items()) for part in label))


def _time(value: Any) -> str | None:
    """Bring a time to UTC; one that cannot be read is no reason to refuse an alert."""
    if not isinstance(value, str) or value.startswith(_NO_TIME):
        return None
    try:
        return in_utc(value)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _short(value: Any) -> str | None:
    """Return a text of the group, which each of its alerts gets: a long one is left out, or a delivery of a thousand alerts would hold it a thousand times."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_OF_GROUP else None
