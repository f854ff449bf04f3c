# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read Alertmanager's webhook: one event for each alert of the group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert_group import read_webhook
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make events of the alerts in a webhook of version 4; None when there is no group of alerts.

    Raises InvalidEvent for another version, and when none of the alerts can be read.
    """
    return read_webhook(payload, monitor="alertmanager", also=_nothing, known_by=_itself, settings=settings, context=context)


def _nothing(alert: Mapping[str, Any], group: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


def _itself(fingerprint: str, more: Mapping[str, Any]) -> str:
    return fingerprint
