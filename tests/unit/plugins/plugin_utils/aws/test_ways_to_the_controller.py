# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whichever way something comes to the source, it leads to the controller by no way: by queues, alarms and logs, by what is written and by tags."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import settings as alarms_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import telling as alarms_telling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.following import Telling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import settings as logs_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import telling as logs_telling
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.reading import Reader
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import QueueSettings
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import snapshot_of

INVENTORY = snapshot_of({"_meta": {"hostvars": {"localhost": {"ansible_host": "192.0.2.1", "aws_id": "i-00000000000000001"}, "web-01": {}}}})
PLACE = Place("production", "eu-central-1", Access())
INSTANCE = "i-00000000000000007"
RULES = (
    {"hostvar": "aws_id", "label": "InstanceId"},
    {"label": "InstanceId", "by": "tag:Name"},
    {"label": "host"},
    {"path": "detail.server"},
    {"path": "json.host"},
    "none",
)


class Directory:
    """Everything is tagged as the controller."""

    async def read(self, place, read, known=None):
        return read(lambda question: Answer(names=(("localhost", question.value),)))


class Untagged:
    """Nothing has a tag."""

    async def read(self, place, read, known=None):
        return read(lambda question: Answer(lost=(Lost(question.value, "has no tag Name"),)))


class Keeper:
    class inventory:
        @staticmethod
        async def fresh():
            return INVENTORY


AROUND = Around(Keeper, None, Directory(), lambda: 1_769_860_800.0, lambda: "new", RULES)
PATIENCE = SimpleNamespace(well=lambda: None)


def of_queue(body):
    reader = Reader(QueueSettings("queues[0]", None, "eventops", envelopes=True), PLACE, AROUND, "aws:sqs:eu-central-1:eventops", PATIENCE)
    (reading,) = asyncio.run(reader.read([Message("m", json.dumps(body), "receipt")]))
    assert reading.unread is None
    return reading.events[0]


def of_alarm(**dimensions):
    details = {"Trigger": {"Namespace": "n", "MetricName": "m", "Dimensions": [{"name": name, "value": value} for name, value in dimensions.items()]}}
    told = alarms_telling.Announcement(Telling(Change("cpu", "metric", "ALARM", 1_769_860_000_000)), alarms_settings.Settings("alarms[0]"), details)
    return asyncio.run(alarms_telling.Teller(PLACE, AROUND, Asker(AROUND, PLACE, "alarms[0]", PATIENCE)).events([told]))[0]


def of_log(host, around=AROUND):
    window = Window(1_769_860_000_000, 1_769_860_060_000)
    window.add(Line("1", 1_769_860_000_001, "stream", json.dumps({"host": host})), "0", 5)
    teller = logs_telling.Teller(PLACE, logs_settings.Settings("logs[0]"), around, Asker(around, PLACE, "logs[0]", PATIENCE))
    return asyncio.run(teller.events("web", [window]))[0]


def happened(server):
    return {"source": "my.app", "detail-type": "Something", "detail": {"server": server}}


def notified(**dimensions):
    trigger = {"Namespace": "n", "MetricName": "m", "Dimensions": [{"name": name, "value": value} for name, value in dimensions.items()]}
    shared = {"AlarmName": "cpu", "NewStateValue": "ALARM", "NewStateReason": "x", "StateChangeTime": "2026-01-31T12:00:00.000+0000"}
    return {**shared, "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu", "AWSAccountId": "123456789012", "Trigger": trigger}


@pytest.mark.parametrize(
    "make",
    [
        lambda: of_queue(notified(host="localhost")),
        lambda: of_queue(notified(InstanceId=INSTANCE)),
        lambda: of_queue(notified(InstanceId="i-00000000000000001")),
        lambda: of_queue(happened("192.0.2.1")),
        lambda: of_queue({"specversion": "1.0", "source": "ours", "type": "request.report", "hosts": ["localhost"]}),
        lambda: of_alarm(host="localhost"),
        lambda: of_alarm(InstanceId=INSTANCE),
        lambda: of_log("localhost"),
        lambda: of_log("127.0.0.1"),
    ],
    ids=["dimension", "tag", "variable", "address", "envelope", "polled dimension", "polled tag", "log line", "log line with an address"],
)
def test_nothing_leads_there(make):
    event = make()
    assert len(event.hosts) == 1 and INVENTORY.resolve_all(event.hosts) == ()
    assert "the machine that runs the playbooks is nobody's instance" in event.data["unresolved"]


@pytest.mark.parametrize("make", [lambda: of_queue(happened("web-01")), lambda: of_alarm(host="web-01"), lambda: of_log("web-01")])
def test_other_hosts_are_found(make):
    event = make()
    assert event.hosts == ("web-01",) and "unresolved" not in event.data


@pytest.mark.parametrize("make", [lambda: of_queue(happened(None)), lambda: of_alarm(AutoScalingGroupName="web"), lambda: of_log(None)])
def test_what_is_about_no_host_stays_so(make):
    assert make().hosts == ()


def test_lines_say_why_nobody_knows_their_host():
    around = replace(AROUND, hosts=({"path": "json.host", "by": "tag:Name"}, "none"))
    event = of_log(INSTANCE, replace(around, directory=Untagged()))
    assert event.hosts == (INSTANCE,) and event.data["unresolved"] == f"{INSTANCE}: has no tag Name"
