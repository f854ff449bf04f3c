# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events of AWS's own services, which a client of PutEvents may not send, on the default bus of EventBridge.

moto matches the patterns. It delivers to queues through a template that drops the account and fills in placeholders that stand in the event's own text, and it
does not deliver to topics: a target without a template of its own is served here, one with a template by moto.
"""

from __future__ import annotations

import copy
import json
import uuid
from datetime import datetime
from typing import Any

from moto.events.models import Rule, events_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from . import times


def send(account: str, region: str, source: str, detail_type: str, detail: dict[str, Any], resources: list[str], time: datetime | None = None) -> None:
    """Put an event on the default bus, and so to the targets of every enabled rule that it fits."""
    moment = times.whole_milliseconds(time) if time else times.now()
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
    for rule in list(events_backends[account][region].describe_event_bus("default").rules.values()):
        if rule.state == "ENABLED" and rule.event_pattern.matches_event(event):
            for target in list(rule.targets):
                _deliver(account, region, rule, target, event, moment)


def _deliver(account: str, region: str, rule: Rule, target: dict[str, Any], event: dict[str, Any], moment: datetime) -> None:
    arn = target["Arn"]
    service, name = arn.split(":")[2], arn.split(":")[-1]
    if target.keys() & {"Input", "InputPath", "InputTransformer"} or service not in ("sqs", "sns"):
        one = copy.copy(rule)
        one.targets = [target]
        one.send_to_targets({**copy.deepcopy(event), "time": moment.timestamp(), "ingestion-time": moment.timestamp()})
        return
    body = json.dumps(event)
    if service == "sns":
        sns_backends[account][region].topics[arn].publish(body)
        return
    where = arn.split(":")[3]
    queues = sqs_backends[account][where]
    if name not in queues.queues:
        _put_aside(account, where, rule, target, body)
        return
    queues.send_message(name, body, group_id=target.get("SqsParameters", {}).get("MessageGroupId"))


def _put_aside(account: str, region: str, rule: Rule, target: dict[str, Any], body: str) -> None:
    """Send what cannot be delivered to the queue for dead letters, where the target has one."""
    dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
    if not dead_letters:
        return
    texts = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "The queue does not exist."}
    attributes = {key: {"DataType": "String", "StringValue": text} for key, text in texts.items()}
    sqs_backends[account][region].send_message(dead_letters.split(":")[-1], body, message_attributes=attributes)
