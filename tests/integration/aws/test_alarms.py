# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling: each change of state is told once, in order, and nothing is missed between two looks."""

from __future__ import annotations

import asyncio
import time

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext

from .made_alarms import ago, put_alarm
from .polled import play

INSTANCE = "i-12345678901234567"


def test_an_alarm_that_comes_and_goes(aws, polled):
    put_alarm(aws)
    source = polled(labels=[{"name": "db-*", "labels": {"team": "db"}}, {"name": "web-*", "labels": {"scale": "out"}}])

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM", value=95.0)
        await source.until(lambda: len(source.events()) == 1)
        aws.alarm("web-cpu", "OK", value=20.0)
        await source.until(lambda: len(source.events()) == 2)

    play(source, scene)
    firing, resolved = source.events()
    assert (firing.type, resolved.type) == ("alert.firing", "alert.resolved")
    assert firing.hosts == resolved.hosts == (INSTANCE,)
    assert firing.dedup_key == resolved.dedup_key
    assert firing.source == "aws:cloudwatch:test:eu-central-1"
    assert firing.data["labels"] == {"InstanceId": INSTANCE, "scale": "out"}
    assert (firing.data["threshold"], firing.data["metric"], firing.data["value"]) == (80.0, "CPUUtilization", 95.0)
    assert len(source.handed_in) == 2


def test_a_flap_between_two_looks(aws, polled):
    put_alarm(aws)
    source = polled({"interval": 3})

    async def scene():
        await source.until_begun("alarms/")
        for state in ("ALARM", "OK", "ALARM", "INSUFFICIENT_DATA", "OK"):
            aws.alarm("web-cpu", state)
        await source.until(lambda: len(source.events()) == 5)

    play(source, scene)
    assert [state for _name, state in source.told()] == ["ALARM", "OK", "ALARM", "INSUFFICIENT_DATA", "OK"]
    assert source.events()[3].type == "aws.cloudwatch.alarm_insufficient_data"
    assert [event.time for event in source.events()] == sorted(event.time for event in source.events())
    assert len(source.handed_in) == 5


def test_a_change_that_the_history_shows_late_is_told_and_then_what_is_now(aws, polled):
    for name in ("late", "other"):
        put_alarm(aws, name)
        aws.alarm(name, "OK")
    time.sleep(1.1)  # AWS's clock, by which the source begins, has whole seconds
    source = polled({"overlap": 20})

    async def scene():
        await source.until_begun("alarms/")
        await asyncio.sleep(1.1)
        aws.add_history([{"name": "late", "time": ago(0), "old": "OK", "new": "ALARM", "visible_in": 4}])
        aws.add_history([{"name": "late", "time": ago(-0.1), "old": "ALARM", "new": "OK"}])
        aws.alarm("other", "ALARM")
        await source.until(lambda: len(source.events()) == 4)
        await asyncio.sleep(1.5)

    play(source, scene)
    assert sorted(source.told()[:2]) == [("late", "OK"), ("other", "ALARM")]
    assert source.told()[2:] == [("late", "ALARM"), ("late", "OK")]
    assert len({event.id for event in source.events()}) == len(source.handed_in) == 4


def test_an_alarm_that_is_deleted_while_it_fires_is_over(aws, polled):
    put_alarm(aws)
    source = polled()

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM")
        await source.until(lambda: len(source.events()) == 1)
        aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
        await source.until(lambda: len(source.events()) == 2)
        await asyncio.sleep(1.5)

    play(source, scene)
    firing, resolved = source.events()
    assert resolved.type == "alert.resolved"
    assert (resolved.dedup_key, resolved.hosts, resolved.data["labels"]) == (firing.dedup_key, firing.hosts, firing.data["labels"])
    assert "deleted" in resolved.data["summary"]


def test_a_composite_alarm(aws, polled):
    put_alarm(aws)
    aws.client("cloudwatch").put_composite_alarm(AlarmName="shop", AlarmRule="ALARM(web-cpu)", AlarmDescription="the shop")
    source = polled({"types": ["composite"]})

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM")
        aws.alarm("shop", "ALARM", reason="arn:aws:cloudwatch:... transitioned to ALARM")
        await source.until(source.events)
        await asyncio.sleep(1.5)

    play(source, scene)
    (event,) = source.events()
    assert (event.data["name"], event.data["rule"], event.data["description"], event.hosts) == ("shop", "ALARM(web-cpu)", "the shop", ())


def test_an_alarm_is_known_as_the_same_whichever_way_it_came(aws, polled):
    sns = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    url = aws.client("sqs").create_queue(QueueName="alarms")["QueueUrl"]
    queue = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    aws.client("sns").subscribe(TopicArn=sns, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    put_alarm(aws, AlarmActions=[sns])
    source = polled()

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM", value=95.0)
        await source.until(source.events)

    play(source, scene)
    (polled_event,) = source.events()
    (message,) = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    settings = {"hosts": [{"label": "InstanceId"}], "severity": "error", "insufficient_data": "change"}
    (sent,) = cloudwatch_alarm.adapt({"payload": message["Body"]}, settings=settings, context=AdapterContext("sns", "2026-01-31T12:00:00Z", str))
    assert polled_event.dedup_key == sent.dedup_key
    alike = ("name", "fingerprint", "alarm_arn", "labels", "threshold", "metric", "namespace", "state", "previous_state", "account", "summary", "url")
    assert {key: polled_event.data.get(key) for key in alike} == {key: sent.data.get(key) for key in alike}
