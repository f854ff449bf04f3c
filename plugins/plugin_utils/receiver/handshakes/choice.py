# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which handshakes an endpoint takes part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import Fetch, fetch
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import Verifier

from .answer import Handshake
from .cloudevents_options import CloudEventsOptions
from .event_grid_validation import EventGridValidation
from .sns_subscription import SnsSubscription

_BY_OPTIONS = ("cloudevents", "eventgrid")


def handshakes_of(
    adapter: str | None,
    settings: Mapping[str, Any],
    verifiers: Sequence[Verifier],
    *,
    origins: Sequence[str] = (),
    rate: int | None = None,
    fetch: Fetch = fetch,
) -> tuple[Handshake, ...]:
    """Return the handshakes of an endpoint.

    :param adapter: its adapter, with the `settings` of that.
    :param verifiers: of its `auth`.
    :param origins: its `cloudevents_origins`.
    :param rate: how many requests a minute it takes.
    :param fetch: gets what SNS wants to be fetched.
    """
    sns = next((verifier for verifier in verifiers if hasattr(verifier, "confirm_subscriptions")), None)
    found: list[Handshake] = []
    if adapter == "sns" or sns is not None:
        found.append(SnsSubscription(sns, fetch))
    if adapter == "eventgrid":
        found.append(EventGridValidation(settings.get("topics", ())))
    if adapter in _BY_OPTIONS or origins:
        found.append(CloudEventsOptions(origins, rate))
    return tuple(found)
