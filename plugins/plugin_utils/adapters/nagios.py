# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what a notify command of Nagios posts: an object of macros; docs/nagios.md has the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import Alert
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.nagios_notification import OTHER_TYPES, PROBLEM, TYPE, Notification
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.origin import ORIGIN_SCHEMA, of_origin
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.severity import MAP_SCHEMA, severity_of
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "hosts": HOSTS_SCHEMA,
        "origin": ORIGIN_SCHEMA,
        "severity": {"type": "object", "properties": {"map": MAP_SCHEMA}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
DEFAULT_HOSTS = ({"label": "hostname"}, {"label": "hostaddress"})
SEVERITIES = {
    "CRITICAL": "critical",
    "DOWN": "critical",
    "UNREACHABLE": "error",
    "WARNING": "warning",
    "UNKNOWN": "warning",
    "OK": "info",
    "UP": "info",
}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event of a notification; None when there is none.

    A problem is `alert.firing`, a recovery `alert.resolved`, and the others are of the types `nagios.*`, about the same host.

    Raises InvalidEvent when the notification names no host, or is of a type that Nagios does not have.
    """
    given = delivered(payload)
    if not isinstance(given, Mapping) or TYPE not in given:
        return None
    notification = Notification.of(given)
    rules = settings.get("hosts", DEFAULT_HOSTS)
    hosts = hosts_by(rules, labels=notification.macros, content=notification.macros, context=context)
    known_by = of_origin(settings, notification.fingerprint)
    if notification.type in OTHER_TYPES:
        return [_other(notification, known_by, hosts, context, payload)]
    return [_alert(notification, known_by, hosts, settings.get("severity", {}).get("map", {})).event(context, payload)]


def _alert(notification: Notification, known_by: str, hosts: tuple[str, ...], severities: Mapping[str, str]) -> Alert:
    firing = notification.type == PROBLEM
    changed_at = notification.time_of(notification.says("statechange", "last"))
    return Alert(
        firing=firing,
        monitor="nagios",
        name=notification.name,
        fingerprint=known_by,
        hosts=hosts,
        labels=notification.labels,
        severity=severity_of(notification.says("state"), {**SEVERITIES, **severities}),
        summary=notification.says("output"),
        description=notification.says("output", "long"),
        starts_at=changed_at if firing else None,
        ends_at=None if firing else changed_at,
        url=notification.says("actionurl"),
        time=_sent_at(notification),
        more=notification.details,
    )


def _other(notification: Notification, known_by: str, hosts: tuple[str, ...], context: AdapterContext, extra: Mapping[str, Any]) -> Event:
    type_, summary = OTHER_TYPES[notification.type], notification.says("output")
    data = {
        **notification.details,
        "name": notification.name,
        "labels": notification.labels,
        "fingerprint": known_by,
        "monitor": "nagios",
        **({} if summary is None else {"summary": summary}),
    }
    attributes = {
        "type": type_,
        "time": _sent_at(notification),
        "hosts": list(hosts),
        # By the fingerprint: two services of one host are two things.
        "dedup_key": f"{type_}/{known_by}",
        "data": data,
    }
    return event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=extra)


def _sent_at(notification: Notification) -> str | None:
    return notification.time_of(notification.macros.get("timet"))
