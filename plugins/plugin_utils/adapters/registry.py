# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters by the names that a rulebook uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import (
    alert_group,
    alertmanager,
    cloudevents,
    cloudwatch_alarm,
    envelope,
    eventbridge,
    eventgrid,
    generic,
    grafana,
    nagios,
    netbox,
    request,
    sns,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event


class Adapt(Protocol):
    """The signature of every adapter."""

    def __call__(self, payload: Mapping[str, Any], *, settings: Mapping[str, Any], context: AdapterContext) -> list[Event] | None:
        """Return the events in a payload, or None when it is not of the adapter's kind."""


class Prepare(Protocol):
    """The signature of what makes an adapter's settings ready for use, once, when they are read."""

    def __call__(self, settings: Mapping[str, Any], where: str, mistakes: Mistakes) -> Mapping[str, Any]:
        """Return the settings as `adapt` gets them; what no schema can tell of them goes to `mistakes`."""


def _as_they_are(settings: Mapping[str, Any], where: str, mistakes: Mistakes) -> Mapping[str, Any]:
    return settings


class Adapter(NamedTuple):
    """An adapter with the JSON schema of its settings, and the media types that its senders use; `+json` ones are taken, too.

    `takes_envelopes`: what already is an envelope is taken as such, past the adapter. Not where the adapter is what checks its senders' data, reads more of an
    envelope, or takes only what is signed.
    """

    schema: Mapping[str, Any]
    adapt: Adapt
    prepare: Prepare = _as_they_are
    media_types: tuple[str, ...] = ("application/json",)
    takes_envelopes: bool = True


ADAPTERS: dict[str, Adapter] = {
    "alertmanager": Adapter(alert_group.SCHEMA, alertmanager.adapt),
    "cloudevents": Adapter(cloudevents.SCHEMA, cloudevents.adapt, media_types=cloudevents.MEDIA_TYPES, takes_envelopes=False),
    "cloudwatch_alarm": Adapter(cloudwatch_alarm.SCHEMA, cloudwatch_alarm.adapt),
    "envelope": Adapter(envelope.SCHEMA, envelope.adapt),
    "eventbridge": Adapter(eventbridge.SCHEMA, eventbridge.adapt),
    "eventgrid": Adapter(eventgrid.SCHEMA, eventgrid.adapt, media_types=cloudevents.MEDIA_TYPES, takes_envelopes=False),
    "generic": Adapter(generic.SCHEMA, generic.adapt, generic.prepare),
    "grafana": Adapter(alert_group.SCHEMA, grafana.adapt),
    "nagios": Adapter(nagios.SCHEMA, nagios.adapt),
    "netbox": Adapter(netbox.SCHEMA, netbox.adapt),
    "request": Adapter(request.SCHEMA, request.adapt, request.prepare, takes_envelopes=False),
    "sns": Adapter(sns.SCHEMA, sns.adapt, sns.prepare, media_types=("text/plain", "application/json"), takes_envelopes=False),
}
