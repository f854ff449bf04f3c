# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A queue of SQS as it is asked: each call is one request, for up to ten messages.

Amazon SQS API Reference: "ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch", "GetQueueUrl", "GetQueueAttributes".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import source_of_queue

from .message import SYSTEM_ATTRIBUTES, Message, message_of
from .settings import QueueSettings

MOST_AT_ONCE = 10


class Queue:
    """One queue. What its methods raise is of AWS_ERRORS."""

    def __init__(self, settings: QueueSettings, place: Place, clients: Clients) -> None:
        self.name = settings.name
        self.source = source_of_queue(place, settings.name)  # of events whose sender names none
        self._settings = settings
        self._place = place
        self._clients = clients
        self._url = settings.url

    async def attributes(self) -> Mapping[str, str]:
        """Return what is configured for the queue."""
        answer = await (await self._client()).get_queue_attributes(QueueUrl=await self._found(), AttributeNames=["All"])
        return answer.get("Attributes", {})

    async def receive(self, attempt_id: str) -> list[Message]:
        """Wait for messages, for as long as the settings say, and return those that came, invisible to others from now on.

        :param attempt_id: the same again after a failure: a FIFO queue then gives again what it gave to an answer that was lost.
        """
        settings, attempt = self._settings, {"ReceiveRequestAttemptId": attempt_id} if self._settings.is_fifo else {}
        answer = await (await self._client()).receive_message(
            QueueUrl=await self._found(),
            MaxNumberOfMessages=MOST_AT_ONCE,
            WaitTimeSeconds=settings.wait_seconds,
            VisibilityTimeout=settings.visibility_seconds,
            MessageSystemAttributeNames=list(SYSTEM_ATTRIBUTES),
            **attempt,
        )
        return [message_of(given, is_fifo=settings.is_fifo) for given in answer.get("Messages", ())]

    async def delete(self, messages: Sequence[Message]) -> list[Message]:
        """Delete messages. Return those that may be tried again; of others that cannot be deleted, the receipt is too old, and they come again."""
        entries = [{"Id": str(number), "ReceiptHandle": message.receipt} for number, message in enumerate(messages)]
        answer = await (await self._client()).delete_message_batch(QueueUrl=await self._found(), Entries=entries)
        return [messages[int(failed["Id"])] for failed in answer.get("Failed", ()) if not failed.get("SenderFault")]

    async def change_visibility(self, messages: Sequence[Message], seconds: Sequence[int]) -> list[Message]:
        """Have messages stay invisible for so many seconds from now on. Return those that this cannot be said of any more: they are visible."""
        entries = [
            {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": each}
            for number, (message, each) in enumerate(zip(messages, seconds, strict=True))
        ]
        answer = await (await self._client()).change_message_visibility_batch(QueueUrl=await self._found(), Entries=entries)
        return [messages[int(failed["Id"])] for failed in answer.get("Failed", ()) if failed.get("SenderFault")]

    async def _client(self) -> Any:
        return await self._clients.get(self._place, "sqs")

    async def _found(self) -> str:
        if self._url is None:
            self._url = (await (await self._client()).get_queue_url(QueueName=self.name))["QueueUrl"]
        return self._url
