# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One that empties a queue of SQS, in a process of its own: `sqs_contestant.py KIND QUEUE MESSAGES DIRECTORY`.

It says `ready` when it has loaded what it needs, begins with the next line of its input, and says how many seconds it took until so many messages were deleted.

`one` and `ten` do as stock's source does: receive (one message or ten), put each, delete each, and so on. `bare` are receivers that delete what they got, ten
messages a request, and do nothing else with it: what the server gives. `ours` is the intake with the router's store.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

RECEIVERS = 4
WAIT_SECONDS = 5


class Deleted:
    """Counts what is deleted, by what the server answers."""

    def __init__(self, messages: int) -> None:
        self.all = asyncio.Event()
        self._left = messages

    def watch(self, client: Any) -> None:
        """Count what a client deletes."""
        client.meta.events.register("after-call.sqs.DeleteMessage", lambda **_call: self._count(1))
        client.meta.events.register("after-call.sqs.DeleteMessageBatch", lambda parsed, **_call: self._count(len(parsed.get("Successful", ()))))

    def _count(self, deleted: int) -> None:
        self._left -= deleted
        if self._left <= 0:
            self.all.set()


class Engine:
    """What a source needs of ansible-rulebook's queue; it takes everything at once."""

    async def put(self, event: dict) -> None:
        """Take an event."""


async def as_stock(client: Any, url: str, at_once: int) -> None:
    """Receive, put each and delete each, one after another."""
    queue = Engine()
    while True:
        answer = await client.receive_message(QueueUrl=url, WaitTimeSeconds=WAIT_SECONDS, MaxNumberOfMessages=at_once)
        for message in answer.get("Messages", ()):
            await queue.put({"body": json.loads(message["Body"]), "meta": {"MessageId": message["MessageId"]}})
            await client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


async def bare(client: Any, url: str) -> None:
    """Receive and delete, ten at a time: each receiver deletes while it receives."""

    async def delete(messages: list) -> None:
        entries = [{"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]} for number, message in enumerate(messages)]
        await client.delete_message_batch(QueueUrl=url, Entries=entries)

    async def receive() -> None:
        deleting: asyncio.Task | None = None
        while True:
            answer = await client.receive_message(QueueUrl=url, WaitTimeSeconds=WAIT_SECONDS, MaxNumberOfMessages=10)
            if deleting is not None:
                await deleting
            deleting = asyncio.create_task(delete(answer["Messages"])) if answer.get("Messages") else None

    await asyncio.gather(*(receive() for _each in range(RECEIVERS)))


async def empty(kind: str, url: str, deleted: Deleted) -> Callable:
    """Return what empties the queue in the given way."""
    config = AioConfig(max_pool_connections=64)
    client = await get_session().create_client("sqs", config=config).__aenter__()
    deleted.watch(client)
    await client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return (lambda: bare(client, url)) if kind == "bare" else lambda: as_stock(client, url, 1 if kind == "one" else 10)


async def ours(url: str, deleted: Deleted, directory: Path) -> Callable:
    """Return the intake, as a child of a router whose store is new."""
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Directory
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.intake import run
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import QueueSettings
    from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
    from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
    from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
    from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

    intake = Intake(SqliteStore(directory / "store.db"), redact_words=DEFAULT_WORDS, max_event_bytes=1_048_576, accepted=lambda: None)
    keeper = ChildQueue(ChildConfig("aws", "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]"), (), intake, Inventory(None))
    place, clients = Place("bench", os.environ["AWS_REGION"]), Clients()
    around = Around(keeper, clients, Directory(clients, keeper, [place]), time.time, lambda: str(uuid.uuid4()), DEFAULT_HOSTS)
    client = await clients.get(place, "sqs")
    deleted.watch(client)
    await client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    settings = QueueSettings("queues[0]", url, url.rpartition("/")[2], receivers=RECEIVERS, wait_seconds=WAIT_SECONDS)
    return lambda: run(settings, place, around)


async def main(kind: str, url: str, messages: int, directory: Path) -> None:
    """Get ready, empty the queue, and say how long that took."""
    deleted = Deleted(messages)
    begin = await (ours(url, deleted, directory) if kind == "ours" else empty(kind, url, deleted))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    working = asyncio.ensure_future(begin())
    ended = asyncio.create_task(deleted.all.wait())
    await asyncio.wait([working, ended], return_when=asyncio.FIRST_COMPLETED)
    print(time.monotonic() - began, flush=True)
    os._exit(working.done())  # what is open is nobody's any more


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])))
