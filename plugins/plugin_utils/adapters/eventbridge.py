# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read an event of Amazon EventBridge, as an API destination or a queue gets it.

Its fields: Amazon EventBridge User Guide, "AWS service event metadata".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NO_HOST, NoHost, seek_hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.snake_case import snake_case
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import MAX_ATTRIBUTE_BYTES, default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

HOSTS = {**HOSTS_SCHEMA, "default": [{"hostvar": "instance_id", "path": "detail.instance-id"}, {"path": "detail.instance-id"}, NO_HOST]}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"hosts": HOSTS, "cloudwatch_alarm": cloudwatch_alarm.SCHEMA},
    "additionalProperties": False,
}

_OF_AWS = "aws."  # EventBridge refuses it from whoever puts events of their own
_OF_PARTNERS = "aws.partner/"


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event; an alarm of CloudWatch is read by the adapter cloudwatch_alarm, with the settings of that name. None when it is of another kind.

    Raises InvalidEvent, NoHost among them.
    """
    content = delivered(payload)
    if not is_event(content):
        return None
    alarm = cloudwatch_alarm.adapt(payload, settings=settings["cloudwatch_alarm"], context=context) if "cloudwatch_alarm" in settings else None
    return alarm or [_event(content, settings, context, payload)]


def is_event(content: Any) -> bool:
    """Tell whether something is an event of EventBridge."""
    return (
        isinstance(content, Mapping)
        and all(isinstance(content.get(key), str) and content[key] for key in ("source", "detail-type"))
        and isinstance(content.get("detail"), Mapping)
    )


def _event(content: Mapping[str, Any], settings: Mapping[str, Any], context: AdapterContext, payload: Mapping[str, Any]) -> Event:
    try:
        sought = seek_hosts(settings["hosts"], labels={}, content=content, context=context, origin=_origin(content))
    except NoHost as error:
        raise type(error)(f"the event {content['detail-type']!r}: {error}") from error
    hosts = sought.hosts
    type_ = f"aws.{_service(content['source'])}.{snake_case(content['detail-type'], 'detail-type')}"
    resources = content.get("resources")
    about = _first_text(resources)
    id_ = content.get("id") or context.new_id()
    attributes = {
        "id": id_,
        "type": type_,
        "time": content.get("time"),
        "hosts": list(hosts),
        "subject": None if hosts else about,
        # A resource is not always what happened to something: a bucket is the resource of every object. Such events are each for themselves.
        "dedup_key": default_dedup_key(type_, "", f"{_own_words(content)}{hosts[0] if hosts else id_}", {}) if isinstance(id_, str) else None,
        "data": {
            "name": content["detail-type"],
            "source": content["source"],
            "account": content.get("account"),
            "region": content.get("region"),
            "resources": resources if isinstance(resources, list) else [],
            "detail": content["detail"],
            **({"unresolved": sought.unresolved} if sought.unresolved else {}),
        },
    }
    return event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)


def _origin(content: Mapping[str, Any]) -> Origin:
    region, account = content.get("region"), content.get("account")
    return Origin(region if isinstance(region, str) else "", account if isinstance(account, str) else "")


def _service(source: str) -> str:
    # What is not of AWS may not look as if it were: anybody may call their source "ec2".
    return snake_case(source.removeprefix(_OF_AWS), "source") if source.startswith(_OF_AWS) else f"custom_{snake_case(source, 'source')}"


def _own_words(content: Mapping[str, Any]) -> str:
    """Tell apart what is one word in a type: AWS has no two such names, but others may have a source `my.app` and a source `my-app`."""
    source = content["source"]
    if source.startswith(_OF_AWS) and not source.startswith(_OF_PARTNERS):
        return ""
    return f"{fingerprint(source, content['detail-type'])}/"


def _first_text(resources: Any) -> str | None:
    first = resources[0] if isinstance(resources, list) and resources else None
    return first if isinstance(first, str) and len(first.encode(errors="replace")) <= MAX_ATTRIBUTE_BYTES else None
