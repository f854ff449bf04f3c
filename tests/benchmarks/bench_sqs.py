# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many messages of SQS are taken in a second: the intake with its store, beside one that does as stock's source does, against the same server.

The server is the tests' double of AWS, which is moto's: it answers some dozens of requests a second, so that requests are what counts. A bare client with as
many connections, which only receives and deletes, shows what the server gives.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws, running_aws

from .processors import Busy
from .results import Table, publish

ROUNDS = 3
# Those that take a request for each message are given fewer: their rate is the same.
CONTESTANTS = {"one": ("stock's way, one message a request", 100), "ten": ("stock's way, ten messages a request", 100), "bare": ("floor: a bare client", 500)}
CONTESTANTS |= {"ours": ("eventops.infra.cloudwatch, on disk", 500)}
FILLED = 500
REQUESTS = ("ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibilityBatch")


@dataclass(frozen=True)
class Emptied:
    """What a round showed: messages in how many seconds, the requests that it took, and how busy the processors were."""

    messages: int
    seconds: float
    requests: int
    busy: float

    @property
    def rate(self) -> float:
        return self.messages / self.seconds


def test_sqs(directory, collections, env):
    emptied: dict[str, list[Emptied]] = {kind: [] for kind in CONTESTANTS}
    with running_aws() as aws:
        for number in range(ROUNDS):
            for kind, (_name, messages) in CONTESTANTS.items():
                place = directory / f"{kind} {number}"
                place.mkdir()
                emptied[kind].append(_empty(aws, kind, messages, place, env | aws.environment | {"PYTHONPATH": str(collections)}))
    _report(emptied)


def _empty(aws: RunningAws, kind: str, messages: int, place: Path, env: dict[str, str]) -> Emptied:
    client = aws.client("sqs")
    url = client.create_queue(QueueName=f"queue-{place.name.replace(' ', '-')}")["QueueUrl"]
    command = [sys.executable, Path(__file__).with_name("sqs_contestant.py"), kind, url, str(messages), place]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n", f"{kind}: ended with {process.wait()}"
            _fill(client, url)
            aws.forget_calls()
            with Busy() as busy:
                process.stdin.write("go\n")
                process.stdin.flush()
                seconds = float(process.stdout.readline())
            calls = aws.calls()
            assert process.wait(30) == 0, kind
        finally:
            process.kill()
    client.delete_queue(QueueUrl=url)
    return Emptied(messages, seconds, sum(calls[name] for name in REQUESTS), busy.share)


def _fill(client, url: str) -> None:
    for start in range(0, FILLED, 10):
        client.send_message_batch(QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": json.dumps(_event(start + number))} for number in range(10)])


def _event(number: int) -> dict:
    return {
        "version": "0",
        "id": f"event-{number}",
        "detail-type": "Order Placed",
        "source": "com.example.shop",
        "account": "123456789012",
        "time": "2026-01-31T12:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {"state": "new", "number": number, "customer": "somebody", "articles": [{"name": "chair", "count": 4}, {"name": "table", "count": 1}]},
    }


def _report(emptied: dict[str, list[Emptied]]) -> None:
    rates = {kind: statistics.median(each.rate for each in rounds) for kind, rounds in emptied.items()}
    columns = ["", "messages a second", "slowest and fastest round", "ours is so many times that", "requests for 100 messages", "processors in use"]
    table = Table("Messages of SQS, from the queue to where they are safe, and deleted", columns)
    for kind, rounds in emptied.items():
        each = [one.rate for one in rounds]
        requests = 100 * sum(one.requests for one in rounds) / sum(one.messages for one in rounds)
        busy = statistics.mean(one.busy for one in rounds)
        spread = f"{min(each):,.0f} to {max(each):,.0f}"
        table.rows.append([CONTESTANTS[kind][0], f"{rates[kind]:,.0f}", spread, f"{rates['ours'] / rates[kind]:.2f}", f"{requests:,.0f}", f"{busy:.0%}"])
    table.notes.append(f"Medians of {ROUNDS} rounds in turn, each from a queue of {FILLED:,} events of EventBridge. Four receivers; stock's way has one.")
    publish("sqs", {kind: [{**asdict(one), "rate": one.rate} for one in rounds] for kind, rounds in emptied.items()}, table)
