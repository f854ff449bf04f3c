# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The handshake of Amazon SNS: it asks whether an endpoint wants the messages of a topic.

Amazon SNS Developer Guide, "Subscribing an HTTPS endpoint to an Amazon SNS topic".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.addresses import endpoint_of_certificate, require_confirmation
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.errors import NotGenuine
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.fetch import Fetch, FetchFailed, fetch
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.message import SUBSCRIPTION, UNSUBSCRIPTION, SignedMessage
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import CannotTell, NotAllowed, NotAuthenticated

from .answer import Answer

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.sns.verifier import SnsSignature

logger = logging.getLogger(__name__)

_MOST_ANSWER_BYTES = 64 * 1024
_LATER = {"Retry-After": "20"}  # SNS asks again a few times


@dataclass(frozen=True)
class SnsSubscription:
    """Confirms subscriptions of topics that are expected, where the rulebook says so.

    `verifier` is the endpoint's scheme `sns`, None where it has none. It is asked here once more: that any other scheme let the delivery in says
    nothing of who wrote the message, and an address in it is fetched.
    """

    verifier: SnsSignature | None
    fetch: Fetch = fetch
    now: Callable[[], float] = time.time

    async def answer(self, method: str, headers: Mapping[str, str], payload: Any) -> Answer | None:
        """Confirm a subscription; None for a notification and for what is not of SNS."""
        kind = payload.get("Type") if isinstance(payload, Mapping) else None
        if kind not in (SUBSCRIPTION, UNSUBSCRIPTION):
            return None
        if self.verifier is None:
            return Answer(403, "this endpoint does not verify messages of SNS; give it auth.sns with topics, and confirm_subscriptions: true")
        try:
            await self.verifier.load(payload, self.now())
            message = self.verifier.verified(payload, self.now())
            return self._ended(message) if kind == UNSUBSCRIPTION else await self._subscribed(message, payload)
        except CannotTell as error:
            return Answer(503, str(error), _LATER)
        except (NotAuthenticated, NotAllowed, NotGenuine) as error:
            return Answer(403, str(error))

    def _ended(self, message: SignedMessage) -> Answer:
        # Its URL would subscribe again: whoever unsubscribed has meant it, or a person has to look.
        logger.warning("SNS says that the subscription of %s to this endpoint has ended", message.fields["TopicArn"])
        return Answer(200)

    async def _subscribed(self, message: SignedMessage, payload: Mapping[str, Any]) -> Answer:
        topic = message.fields["TopicArn"]
        if not self.verifier.confirm_subscriptions:
            logger.warning("SNS asks whether this endpoint wants the messages of %s; auth.sns has no confirm_subscriptions: true", topic)
            return Answer(403, "this endpoint confirms no subscription; set confirm_subscriptions: true in its auth.sns")
        url = message.fields["SubscribeURL"]
        require_confirmation(url, host=endpoint_of_certificate(message.certificate_url).host, topic=topic, token=message.fields["Token"])
        try:
            await self.fetch(url, _MOST_ANSWER_BYTES)
        except FetchFailed as error:
            logger.warning("the subscription of %s could not be confirmed: %s", topic, error)
            return Answer(503, f"the subscription could not be confirmed: {error}", _LATER)
        logger.info("the subscription of %s is confirmed", topic)
        return Answer(200)
