# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The handshake of Azure Event Grid in its own schema: it asks for a code back.

Azure Event Grid documentation, "Endpoint validation with Event Grid event schema".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .answer import Answer

logger = logging.getLogger(__name__)

_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_MAX_CODE_LENGTH = 1000


@dataclass(frozen=True)
class EventGridValidation:
    """Answers the code for topics that are expected; in a pattern, `*` stands for any text. The `validationUrl` beside the code is never asked."""

    topics: Sequence[str] = ()

    async def answer(self, method: str, headers: Mapping[str, str], payload: Any) -> Answer | None:
        """Answer a validation; None for any other event."""
        event = payload[0] if isinstance(payload, list) and len(payload) == 1 else payload
        if not isinstance(event, Mapping) or event.get("eventType") != _VALIDATION:
            return None
        topic, data = event.get("topic"), event.get("data")
        code = data.get("validationCode") if isinstance(data, Mapping) else None
        if not isinstance(topic, str) or not isinstance(code, str) or not 0 < len(code) <= _MAX_CODE_LENGTH:
            return Answer(403, "a validation must have a topic and data.validationCode")
        if not self._expects(topic):
            logger.warning("Event Grid asks whether this endpoint wants the events of %.300r, which is not among the topics of its adapter eventgrid", topic)
            return Answer(403, "the topic is not among those that this endpoint expects; add it to the setting topics of its adapter eventgrid")
        logger.info("the subscription of %.300r is confirmed", topic)
        return Answer(200, {"validationResponse": code})

    def _expects(self, topic: str) -> bool:
        # Azure itself writes the ids of resources in more than one case.
        return any(fnmatchcase(topic.lower(), pattern.lower()) for pattern in self.topics)
