# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a notification of Amazon SNS: what its Message carries, or the Message itself.

Its fields: Amazon SNS Developer Guide, "Amazon SNS message and JSON formats".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm, eventbridge
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered, parsed_text
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NO_HOST, NamesNoHost, seek_hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import UNREAD, UNREAD_FOR, reason_beside
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent

NOTIFICATION = "aws.sns.notification"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "message": {
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "minProperties": 1, "maxProperties": 1}],
            "expected": "the name of an adapter, or a mapping of its name to its settings",
        },
        "cloudwatch_alarm": cloudwatch_alarm.SCHEMA,
        "eventbridge": {"type": "object", "properties": {"hosts": eventbridge.HOSTS}, "additionalProperties": False},
        "hosts": {**HOSTS_SCHEMA, "default": [NO_HOST]},
    },
    "additionalProperties": False,
}


def prepare(settings: Mapping[str, Any], where: str, mistakes: Mistakes) -> Mapping[str, Any]:
    """Read the adapter of the Message, too."""
    # Not at the top: the registry, which it needs, has this adapter in it.
    from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter

    # Whether rules may look names up, whoever reads the whole has seen to.
    return {**settings, "message": read_adapter(settings.get("message"), f"{where}.message", mistakes, looks_up=True)}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make events of a notification; None when it is none. A raw delivery is none: it has no envelope of SNS.

    The Message is read by the adapter that `message` names. Without one it may be an alarm of CloudWatch or an event of EventBridge; any other is
    one event of type `aws.sns.notification`.

    Raises InvalidEvent.
    """
    content = delivered(payload)
    if not isinstance(content, Mapping) or content.get("Type") != "Notification" or not isinstance(content.get("TopicArn"), str):
        return None
    message = content.get("Message")
    if not isinstance(message, str):
        raise InvalidEvent("Message: must be text, as SNS sends it")
    data = _data(content, message)
    itself = _notification(content, data, (), context, payload)
    carried = _carried(message, settings, replace(context, new_id=_ids(itself.id).__next__))
    if carried is None:
        # Not by labels: SNS does not sign the attributes of a message.
        sought = seek_hosts(settings["hosts"], labels={}, content=data, context=context)
        data["unresolved"] = sought.unresolved
        return [_notification(content, data, sought.hosts, context, payload) if sought.hosts else itself]
    ids = _ids(itself.id)
    return [replace(event, id=next(ids), extra=_beside(event, itself)) for event in carried]


def _carried(message: str, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    parsed = parsed_text(message)
    put = {"payload": message if parsed is None else parsed}
    context = replace(context, headers={})  # those of the delivery say nothing of what it carries
    name, its_settings = settings.get("message") or (None, {})
    if name is None:
        alarm = cloudwatch_alarm.adapt(put, settings=settings["cloudwatch_alarm"], context=context)
        return alarm or eventbridge.adapt(put, settings=settings["eventbridge"], context=context)
    from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS

    try:
        events = ADAPTERS[name].adapt(put, settings=its_settings, context=context)
    except InvalidEvent as error:
        kind = NamesNoHost if isinstance(error, NamesNoHost) else InvalidEvent
        raise kind(f"Message: the adapter {name} found a mistake, {error}") from error
    if events is None:
        raise InvalidEvent(f"Message: the adapter {name} does not fit")
    return events


def _data(content: Mapping[str, Any], message: str) -> dict[str, Any]:
    subject, attributes = content.get("Subject") or None, _attributes(content.get("MessageAttributes"))
    return {"topic": content["TopicArn"], "subject": subject, "message": message, "attributes": attributes}


def _notification(content: Mapping[str, Any], data: Mapping[str, Any], hosts: tuple[str, ...], context: AdapterContext, payload: Mapping[str, Any]) -> Event:
    topic, id_ = data["topic"], content.get("MessageId")
    attributes = {
        "id": id_,
        "type": NOTIFICATION,
        "time": content.get("Timestamp"),
        "hosts": list(hosts),
        "subject": None if hosts else _one_line(data["subject"]) or topic.rpartition(":")[2],
        # Two messages may have the same subject and no more in common.
        "dedup_key": f"{NOTIFICATION}/{id_}" if id_ else None,
        "data": {"name": topic.rpartition(":")[2], **{key: value for key, value in data.items() if value not in (None, {})}},
    }
    return event_from_attributes(attributes, source=context.source, received_at=context.received_at, new_id=context.new_id, extra=payload)


def _one_line(subject: Any) -> str | None:
    return subject if isinstance(subject, str) and subject.isprintable() else None


def _attributes(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    return {name: attribute["Value"] for name, attribute in given.items() if isinstance(attribute, Mapping) and "Value" in attribute}


def _ids(message_id: str) -> Iterator[str]:
    """Yield the ids of the events that a message carries; most carry one."""
    yield message_id
    for number in itertools.count(2):
        yield f"{message_id}/{number}"


def _beside(event: Event, itself: Event) -> dict[str, Any]:
    own = {key: value for key, value in itself.extra.items() if key not in (UNREAD, UNREAD_FOR)}
    return {**own, **reason_beside(event)}
