# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the webhook of Grafana's alerting: Alertmanager's, with the values that were measured and the ways to dashboard and panel.

https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/ has the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert_group import read_webhook
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

# A rule whose query brought nothing, or failed: an alert of its own, with the rule's name in a label.
_OF_THE_DATA_SOURCE = ("DatasourceNoData", "DatasourceError")
_TEXTS = {"dashboard_url": "dashboardURL", "panel_url": "panelURL", "image_url": "imageURL", "silence_url": "silenceURL", "value_string": "valueString"}


def adapt(payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
    """Make events of the alerts in a webhook of version 1; None when there is no group of alerts.

    Raises InvalidEvent for another version, and when none of the alerts can be read.
    """
    return read_webhook(payload, monitor="grafana", also=_also, known_by=_known_by, settings=settings, context=context)


def _also(alert: Mapping[str, Any], group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find what Grafana says beyond Alertmanager; `value` is an object of the expressions' values, for a data source's alert `rule` is what it broke."""
    values, labels = alert.get("values"), alert.get("labels")
    organisation = next(filter(_is_id, (group.get("orgId"), alert.get("orgId"))), None)
    found: dict[str, Any] = {ours: text for ours, theirs in _TEXTS.items() if isinstance(text := alert.get(theirs), str)}
    if isinstance(values, Mapping) and values:
        found["value"] = dict(values)
    if organisation is not None:
        found["org_id"] = organisation
    if isinstance(labels, Mapping) and labels.get("alertname") in _OF_THE_DATA_SOURCE:
        found["rule"] = labels.get("rulename")
    return found


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64


def _known_by(of_labels: str, more: Mapping[str, Any]) -> str:
    """Two organisations may have rules alike, and an Alertmanager the same labels: their alerts are others."""
    return fingerprint("grafana", str(more.get("org_id", "")), of_labels)
