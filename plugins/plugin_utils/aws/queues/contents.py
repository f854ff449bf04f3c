# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a message says: the events in its body, which may be an event of EventBridge, a notification of SNS around anything, an alarm, or an envelope."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm, envelope, eventbridge, sns
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import parsed_text
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import reason_beside, received
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.registry import ADAPTERS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import OWN_SOURCES
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import read as filled
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.own_name import require_own_name
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import parse

from .message import Message
from .newest import require_past

# A notification may be in a notification: a topic's queue, passed on to another topic. More than this is nobody's intention.
_DEEPEST_NOTIFICATION = 3

Settings = Mapping[str, Any]


def settings_of_kinds(hosts: Sequence[str | Mapping[str, Any]] | None = None) -> dict[str, Settings]:
    """Return the settings of the adapters that are chosen by what a message is.

    :param hosts: the rules that lead to hosts; None: each adapter's own.
    """
    rules = {} if hosts is None else {"hosts": list(hosts)}
    return {
        "cloudwatch_alarm": filled(rules, cloudwatch_alarm.SCHEMA),
        "eventbridge": filled({**rules, "cloudwatch_alarm": rules}, eventbridge.SCHEMA),
        "sns": {**filled({"cloudwatch_alarm": rules, "eventbridge": rules}, sns.SCHEMA), "message": (None, {})},
    }


def events_of(
    message: Message, *, adapter: str | None, settings: Settings, kinds: Mapping[str, Settings], context: AdapterContext, envelopes: bool = False
) -> list[Event]:
    """Return the events of a message. Where its sender gives none, their ids are of the message's, so that it is known when it comes again.

    :param adapter: what is to read it, out of the notifications that are around it; None: what it is decides.
    :param settings: the adapter's.
    :param kinds: the settings of those that are chosen by what it is, as `settings_of_kinds` makes them.
    :param envelopes: whether it may be an envelope of ours.
    :raises InvalidEvent: when it cannot be read.
    """
    try:
        content = parse(message.body.encode())
    except ValueError as error:  # a lone surrogate is one, too
        raise InvalidEvent(str(error)) from error
    context = replace(context, new_id=ids_of(message.id))
    if adapter is None:
        events = _by_kind(content, kinds, context, envelopes)
    else:
        events = _by_adapter(content, adapter, settings, context, envelopes)
    for event in events:
        require_own_name(event)
        require_past(event, message.sent_at)
    return [_as_kept(event, context) for event in events]


def ids_of(own: str) -> Callable[[], str]:
    """Return what makes the ids of the events of one message: its own, and with a number for a second and further ones."""
    numbers = itertools.count(1)

    def new_id() -> str:
        number = next(numbers)
        return own if number == 1 else f"{own}/{number}"

    return new_id


def _by_kind(content: Any, kinds: Mapping[str, Settings], context: AdapterContext, envelopes: bool) -> list[Event]:
    content = _innermost(content)
    if sns_message(content) is not None:
        carried = parsed_text(content["Message"])
        if not _is_envelope(carried):
            return sns.adapt({"payload": content}, settings=kinds["sns"], context=context) or []
        content, context = carried, _context_within(content, context)
    payload = {"payload": content}
    if _is_envelope(content):
        return _in_envelope(payload, context, envelopes)
    alarm = cloudwatch_alarm.adapt(payload, settings=kinds["cloudwatch_alarm"], context=context)
    return alarm or eventbridge.adapt(payload, settings=kinds["eventbridge"], context=context) or [received(payload, None, context)]


def _by_adapter(content: Any, name: str, settings: Settings, context: AdapterContext, envelopes: bool) -> list[Event]:
    if name != "sns":
        content = _innermost(content)
        if (carried := sns_message(content)) is not None:
            context = _context_within(content, context)
            parsed = parsed_text(carried)
            content = carried if parsed is None else parsed
    payload = {"payload": content}
    if ADAPTERS[name].takes_envelopes and _is_envelope(content):
        return _in_envelope(payload, context, envelopes)
    events = ADAPTERS[name].adapt(payload, settings=settings, context=context)
    if events is None:
        raise InvalidEvent(f"the message is not what the adapter {name} reads")
    return events


def sns_message(content: Any) -> str | None:
    """Return the Message of a notification of SNS; None for what is none."""
    if not isinstance(content, Mapping) or content.get("Type") != "Notification" or not isinstance(content.get("TopicArn"), str):
        return None
    message = content.get("Message")
    return message if isinstance(message, str) else None


def _innermost(content: Any) -> Any:
    """Return the notification that carries something else, out of those that are around it; what is no notification as it is."""
    for _level in range(_DEEPEST_NOTIFICATION - 1):
        inner = parsed_text(sns_message(content))
        if sns_message(inner) is None:
            break
        content = inner
    return content


def _is_envelope(content: Any) -> bool:
    return isinstance(content, Mapping) and "specversion" in content


def _in_envelope(payload: Mapping[str, Any], context: AdapterContext, envelopes: bool) -> list[Event]:
    if not envelopes:
        raise InvalidEvent("it is an envelope, which can say anything in anybody's name; where all who send to the queue may do that, set `envelopes: true`")
    # Whoever names no source is still not this source, whose alarms are AWS's word.
    unnamed = context.source.removeprefix("aws:")
    events = envelope.adapt(payload, settings={}, context=replace(context, source=unnamed)) or []
    if any(event.source.startswith(OWN_SOURCES) for event in events):
        raise InvalidEvent(f"source: must not begin with {', '.join(OWN_SOURCES)}: these are our own names")
    return events


def _context_within(notification: Mapping[str, Any], context: AdapterContext) -> AdapterContext:
    """SNS sends a notification again under its own id, as another message of SQS."""
    own = notification.get("MessageId")
    return replace(context, new_id=ids_of(own)) if isinstance(own, str) and own else context


def _as_kept(event: Event, context: AdapterContext) -> Event:
    """Leave out the message itself, whose `data` is enough; and name hosts as the inventory does: some senders know their address alone."""
    known = tuple(dict.fromkeys(context.inventory.resolve(host) or host for host in event.hosts))
    return replace(event, hosts=known, extra=reason_beside(event))
