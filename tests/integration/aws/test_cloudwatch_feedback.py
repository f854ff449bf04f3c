# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The source as it is started: an alarm in a queue finds its host by AWS, and AWS is told when its case is over."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.source import run
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, snapshot_of
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.hub import Hub
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import RESOLVED, Case
from ansible_collections.eventops.infra.tests.doubles.aws import REGION

from .looked_up import Machines, alarm
from .reported import sums, tag_of


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


async def until(ask, seconds=30):
    """Wait for an answer."""
    ends = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(ask)):
        assert time.monotonic() < ends, f"not after {seconds} s"
        await asyncio.sleep(0.05)
    return found


def test_an_alarm_finds_its_host_and_its_end_is_told(aws, tmp_path):
    (instance,) = Machines(aws.client("ec2")).run(Name="web-01")
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="eventops")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(alarm(InstanceId=instance)))
    hosts = [{"hostvar": "instance_id", "label": "InstanceId"}, {"label": "InstanceId", "by": "tag:Name"}, "none"]
    feedback = {"metrics": "eventops", "tag": "eventops:case"}
    settings = read_settings({"region": REGION, "endpoint_url": aws.url, "queues": [{"name": "eventops", "wait": 1}], "hosts": hosts, "feedback": feedback}, {})

    async def scene():
        hub = Hub()
        store = SqliteStore(tmp_path / "store.db", committed=hub)
        intake = Intake(store, redact_words=(), max_event_bytes=1_000_000, accepted=lambda: None)
        inventory = Inventory(None)
        inventory.snapshot = snapshot_of({"_meta": {"hostvars": {"web-01": {}}}})
        queue = ChildQueue(ChildConfig("aws", "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]"), (), intake, inventory, hub.subscribe)
        source = asyncio.create_task(run(settings, queue))
        try:
            (row,) = await until(lambda: store.run_now(lambda tx: tx.unhandled_events(10)))
            now = time.time()
            times = {"opened_at": now - 20.0, "updated_at": now, "due_at": 0.0, "rank": 0.0}
            event = row.event
            case = Case(event.dedup_key, "incident", event.type, event.subject, "error", event.hosts, "aws", RESOLVED, "enforce", **times, event_row=row.id)
            kept = await asyncio.to_thread(store.run_now, lambda tx: tx.add_case(replace(case, live=False), "in a test"))
            tag = await until(lambda: tag_of(aws, instance))
            await until(lambda: not store.run_now(lambda tx: tx.finished("aws", 10, 0)))
        finally:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)
            store.close()
        return event, kept.id, tag

    event, number, tag = asyncio.run(scene())
    assert event.hosts == ("web-01",)
    assert tag == f"{number} resolved"
    assert sums(aws, "Cases", "State") == {"resolved": (1.0, 1.0)}
    assert sums(aws, "TimeToResolve", "Alert") == {"cpu": (20.0, 1.0)}
