# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A message as a queue gives it.

Its fields: Amazon SQS API Reference, "ReceiveMessage".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

# What is asked for with each message.
SYSTEM_ATTRIBUTES = ("ApproximateReceiveCount", "SentTimestamp", "MessageGroupId", "SequenceNumber")


@dataclass(frozen=True, slots=True)
class Message:
    """One message that was received.

    `receipt` is of this receiving alone. `receives` counts how often it was received, this time included. `group` is set only where the queue is FIFO:
    elsewhere a group says nothing of the order. `sequence` grows within a group.
    """

    id: str
    body: str
    receipt: str
    receives: int = 1
    sent_at: str | None = None
    group: str | None = None
    sequence: int = 0


def message_of(given: Mapping[str, Any], *, is_fifo: bool) -> Message:
    """Read one of the `Messages` of an answer."""
    attributes = given.get("Attributes") or {}
    sent = attributes.get("SentTimestamp")  # milliseconds
    return Message(
        id=given["MessageId"],
        body=given.get("Body") or "",
        receipt=given["ReceiptHandle"],
        receives=int(attributes.get("ApproximateReceiveCount") or 1),
        sent_at=from_epoch(int(sent) / 1000) if sent else None,
        group=attributes.get("MessageGroupId") if is_fifo else None,
        sequence=int(attributes.get("SequenceNumber") or 0),
    )
