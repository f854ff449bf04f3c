# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The messages that a test sends to queues of the double of AWS, of the kinds that AWS and people send, each about something of its own."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping
from random import Random
from typing import Any

from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION, RunningAws

PLAIN, FIFO = "eventops", "eventops.fifo"
GROUPS = 7
_AT_ONCE = 10


def body_of(number: int) -> dict[str, Any]:
    """Return the body of a message: an envelope, an event of EventBridge, an alarm in a notification of SNS, or a text in one."""
    about = {"number": number}
    kinds = (
        {"specversion": "1.0", "type": "request.report", "subject": f"thing {number}", "data": about},
        {
            "version": "0",
            "id": f"event-{number}",
            "detail-type": "Order Placed",
            "source": "com.example.shop",
            "account": ACCOUNT,
            "time": "2025-01-31T12:00:00Z",
            "region": REGION,
            "resources": [],
            "detail": about,
        },
        _notification(number, json.dumps(_alarm(number))),
        _notification(number, json.dumps(about)),
    )
    return kinds[number % len(kinds)]


def number_in(event: Mapping[str, Any]) -> int:
    """Return the number of the message that an event is of."""
    data = event["data"]
    if event["type"] == "aws.sns.notification":
        return json.loads(data["message"])["number"]
    if event["type"].startswith("aws.cloudwatch."):
        return int(data["name"].rpartition("-")[2])
    return data["detail"]["number"] if "detail" in data else data["number"]


class Sender:
    """Sends numbered messages to both queues, in a thread of its own; one of five goes to the FIFO queue."""

    def __init__(self, aws: RunningAws, random: Random) -> None:
        self._client = aws.client("sqs")
        self._random = random
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self.sent: set[int] = set()
        self.order: dict[str, list[int]] = {f"group-{number}": [] for number in range(GROUPS)}
        self.urls = {name: self._create(name) for name in (PLAIN, FIFO)}

    def send(self, number: int) -> None:
        """Send so many more messages, while the caller goes on."""
        self.wait()
        self._thread = threading.Thread(target=self._send, args=(number,))
        self._thread.start()

    def wait(self) -> None:
        """Wait until what was to be sent is sent."""
        if self._thread is not None:
            self._thread.join()

    def counts(self) -> tuple[int, int]:
        """Return how many messages are in the queues, and how many of these are in somebody's hand."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = [self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in self.urls.values()]
        visible, in_hand = (sum(int(each[name]) for each in found) for name in names)
        return visible + in_hand, in_hand

    def _create(self, name: str) -> str:
        attributes = {"FifoQueue": "true"} if name == FIFO else {}
        return self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def _send(self, number: int) -> None:
        left = number
        while left:
            some = [next(self._numbers) for _each in range(min(left, _AT_ONCE))]
            left -= len(some)
            self._send_to(PLAIN, [each for each in some if each % 5])
            self._send_to(FIFO, [each for each in some if not each % 5])

    def _send_to(self, name: str, numbers: list[int]) -> None:
        entries = []
        for number in numbers:
            entry = {"Id": str(number), "MessageBody": json.dumps(body_of(number))}
            if name == FIFO:
                group = f"group-{self._random.randrange(GROUPS)}"
                self.order[group].append(number)
                entry |= {"MessageGroupId": group, "MessageDeduplicationId": str(number)}
            entries.append(entry)
        if entries:
            answer = self._client.send_message_batch(QueueUrl=self.urls[name], Entries=entries)
            assert not answer.get("Failed"), answer
            self.sent.update(numbers)


def _notification(number: int, message: str) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": f"notification-{number}",
        "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
        "Subject": f"number {number}",
        "Message": message,
        "Timestamp": "2025-01-31T12:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "none",
        "SigningCertURL": "https://sns.example.com/none.pem",
        "UnsubscribeURL": "https://sns.example.com/none",
    }


def _alarm(number: int) -> dict[str, Any]:
    return {
        "AlarmName": f"alarm-{number}",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:alarm-{number}",
        "AWSAccountId": ACCOUNT,
        "NewStateValue": "INSUFFICIENT_DATA",  # what fires is waited for until it is over
        "NewStateReason": "Insufficient Data: 1 datapoint was unknown.",
        "StateChangeTime": "2025-01-31T12:00:00.000+0000",
        "Region": REGION,
        "OldStateValue": "OK",
        "Trigger": {"MetricName": "Orders", "Namespace": "Shop", "Dimensions": []},
    }
