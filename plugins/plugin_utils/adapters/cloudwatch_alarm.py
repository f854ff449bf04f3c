# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a CloudWatch alarm, as SNS and EventBridge carry it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import Alert
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import ALARM, INSUFFICIENT_DATA, MONITOR, AlarmState, state_of
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import delivered
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, NoHost, seek_hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.metric_origin import origin_of
from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES, Event

INSUFFICIENT = "aws.cloudwatch.alarm_insufficient_data"
_MEANINGS = ("firing", "resolved", "change")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "insufficient_data": {"enum": list(_MEANINGS), "default": "change"},
        "severity": {"enum": list(SEVERITIES), "default": "error"},
        "hosts": {**HOSTS_SCHEMA, "default": [{"hostvar": "instance_id", "label": "InstanceId"}, {"label": "InstanceId"}]},
    },
    "additionalProperties": False,
}

_ARN = re.compile(r"arn:aws:cloudwatch:([a-z0-9-]{1,40}):[0-9]{12}:alarm:.+", re.ASCII)


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make one event of an alarm that changed its state; None when it is none.

    Raises InvalidEvent, also for an alarm that leads to no host where the rules do not end with `none`: what is meant for a host runs nowhere else.
    """
    content = delivered(payload)
    state = state_of(content)
    if state is None:
        return None
    try:
        sought = seek_hosts(settings["hosts"], labels=state.labels, content=content, context=context, origin=origin_of(state, content))
    except NoHost as error:
        raise type(error)(f"the alarm {state.name!r}: {error}") from error
    meaning = _meaning(state, settings)
    alert = Alert(
        firing=meaning == "firing",
        monitor=MONITOR,
        name=state.name,
        fingerprint=state.fingerprint,
        hosts=sought.hosts,
        subject=None if sought.hosts else state.name,
        labels=state.labels,
        severity=settings["severity"],
        summary=state.reason,
        description=state.description,
        starts_at=state.changed_at if meaning == "firing" else None,
        ends_at=state.changed_at if meaning == "resolved" else None,
        value=state.value,
        url=_console(state),
        id=state.id,
        time=state.changed_at,
        more={"state": state.state, "alarm_arn": state.arn, "unresolved": sought.unresolved, **state.more},
    )
    event = alert.event(context, payload)
    return [event if meaning != "change" else replace(event, type=INSUFFICIENT, severity="info", dedup_key=f"{INSUFFICIENT}/{state.fingerprint}")]


def _meaning(state: AlarmState, settings: Mapping[str, Any]) -> str:
    if state.state == INSUFFICIENT_DATA:
        return settings["insufficient_data"]
    return "firing" if state.state == ALARM else "resolved"


def _console(state: AlarmState) -> str | None:
    """Return where a person looks at the alarm; other partitions than `aws` have other consoles."""
    found = _ARN.fullmatch(state.arn or "")
    name = quote(state.name, safe="", errors="replace")
    return found and f"https://{found[1]}.console.aws.amazon.com/cloudwatch/home?region={found[1]}#alarmsV2:alarm/{name}"
