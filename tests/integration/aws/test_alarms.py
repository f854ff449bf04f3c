# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling: each change of state is told once, in order, and nothing is missed between two looks."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters import cloudwatch_alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.confirming import Confirmation
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Directory
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .looked_up import OTHER_ACCOUNT, Health, place_at
from .test_double import put_alarm

INSTANCE = "i-12345678901234567"


def ago(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() - seconds, UTC).isoformat()


def play(polled, scene) -> None:
    """Run a scene while the source polls."""

    async def playing():
        async with polled.running():
            await scene()

    asyncio.run(playing())


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


def test_the_first_start_tells_what_fires_now_and_nothing_that_was(aws, polled):
    for name in ("fires", "is-well", "has-no-data"):
        put_alarm(aws, name)
    aws.add_history([{"name": "is-well", "time": ago(3600), "old": "OK", "new": "ALARM"}, {"name": "is-well", "time": ago(3000), "old": "ALARM", "new": "OK"}])
    aws.alarm("is-well", "OK")
    aws.alarm("fires", "ALARM")
    time.sleep(1.1)  # AWS tells its time in whole seconds
    source = polled()

    async def scene():
        await source.until(lambda: len(source.events()) == 1)
        await source.until_begun("alarms/")
        await asyncio.sleep(2.5)

    play(source, scene)
    assert source.told() == [("fires", "ALARM")]


@pytest.mark.parametrize(("start", "told"), [("all", ["ALARM", "OK", "ALARM", "OK"]), (lambda: ago(5000).replace("+00:00", "Z"), ["ALARM", "OK"])])
def test_the_first_start_begins_where_it_is_told_to(aws, polled, start, told):
    put_alarm(aws)
    states = [(9000, "OK", "ALARM"), (8000, "ALARM", "OK"), (4000, "OK", "ALARM"), (3000, "ALARM", "OK")]
    aws.add_history([{"name": "web-cpu", "time": ago(seconds), "old": old, "new": new} for seconds, old, new in states])
    source = polled({"from": start if isinstance(start, str) else start()})

    async def scene():
        await source.until(lambda: len(source.events()) == len(told))
        await asyncio.sleep(1.5)

    play(source, scene)
    assert [state for _name, state in source.told()] == told


def test_what_happened_while_it_was_away(aws, polled):
    for name in ("a", "b", "c"):
        put_alarm(aws, name)
    source = polled()

    async def before():
        await source.until_begun("alarms/")
        for name in ("a", "b"):
            aws.alarm(name, "ALARM")
        await source.until(lambda: len(source.events()) == 2)

    async def after():
        await source.until(lambda: len(source.events()) == 5)
        await asyncio.sleep(1.5)

    play(source, before)
    aws.alarm("a", "OK")
    aws.alarm("c", "ALARM")
    aws.alarm("c", "OK")
    play(source, after)
    assert sorted(source.told()) == sorted([("a", "ALARM"), ("b", "ALARM"), ("a", "OK"), ("c", "ALARM"), ("c", "OK")])
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


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"names": ["web-1", "db-1", "gone"]}, {"web-1", "db-1"}),
        ({"names": ["web-2"]}, {"web-2"}),
        ({"prefix": "web-"}, {"web-1", "web-2"}),
        ({"tags": {"team": "shop", "stage": "live"}}, {"web-1", "db-2"}),
        ({"tags": {"team": "shop"}, "prefix": "db"}, {"db-2"}),
    ],
)
def test_only_what_is_selected_is_told(aws, polled, entry, told):
    tags = {"web-1": {"team": "shop", "stage": "live"}, "web-2": {"team": "shop", "stage": "test"}, "db-1": {}, "db-2": {"team": "shop", "stage": "live"}}
    for name, its in tags.items():
        put_alarm(aws, name, Tags=[{"Key": key, "Value": value} for key, value in its.items()])
    source = polled(entry)

    async def scene():
        await source.until_begun("alarms/")
        for state in ("ALARM", "OK"):
            for name in tags:
                aws.alarm(name, state)
        await source.until(lambda: len(source.events()) == 2 * len(told))
        await asyncio.sleep(1.5)

    play(source, scene)
    assert set(source.told()) == {(name, state) for name in told for state in ("ALARM", "OK")}
    assert len(source.handed_in) == 2 * len(told)


def test_only_some_states_are_told(aws, polled):
    put_alarm(aws)
    source = polled({"states": ["ALARM"], "severity": "critical"})

    async def scene():
        await source.until_begun("alarms/")
        for state in ("ALARM", "OK", "ALARM"):
            aws.alarm("web-cpu", state)
        await source.until(lambda: len(source.events()) == 2)

    play(source, scene)
    assert [(event.type, event.severity) for event in source.events()] == [("alert.firing", "critical")] * 2


def test_what_fires_is_followed_to_its_end_though_the_filters_changed(aws, polled):
    put_alarm(aws, "web-1")
    before, after = polled({"prefix": "web-"}), polled({"prefix": "db-"})

    async def first():
        await before.until_begun("alarms/")
        aws.alarm("web-1", "ALARM")
        await before.until(lambda: len(before.events()) == 1)

    async def then():
        await after.until_begun("alarms/")
        aws.alarm("web-1", "OK")
        await after.until(lambda: len(after.events()) == 1)
        aws.alarm("web-1", "ALARM")
        await asyncio.sleep(2.5)

    play(before, first)
    play(after, then)
    assert after.told() == [("web-1", "OK")]


def test_many_entries_ask_no_more_than_one(aws, polled):
    for number in range(150):
        put_alarm(aws, f"web-{number:03}")
    source = polled({"prefix": "web-0", "severity": "critical"}, {"names": ["web-001", "web-140"], "severity": "info"}, {"severity": "warning"}, {"overlap": 5})

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-001", "ALARM")
        aws.alarm("web-140", "ALARM")
        aws.alarm("web-141", "ALARM")
        await source.until(lambda: len(source.events()) == 3)
        await asyncio.sleep(1.5)
        aws.forget_calls()
        await source.until(lambda: aws.calls()["DescribeAlarmHistory"] >= 3)

    play(source, scene)
    assert {event.data["name"]: event.severity for event in source.events()} == {"web-001": "critical", "web-140": "info", "web-141": "warning"}
    calls = aws.calls()
    assert abs(calls["DescribeAlarms"] - calls["DescribeAlarmHistory"]) <= 1
    assert set(calls) == {"DescribeAlarms", "DescribeAlarmHistory"}


def test_several_accounts_and_regions(aws, polled):
    other = Access(role_arn="arn:aws:iam::222222222222:role/eventops", endpoint_url=aws.url)
    own = Access(endpoint_url=aws.url)
    places = [Place("one", REGION, own), Place("one", "us-east-1", own), Place("two", REGION, other)]
    wheres = [(REGION, ACCOUNT), ("us-east-1", ACCOUNT), (REGION, "222222222222")]
    for region, account in wheres:
        put_alarm(aws, region=region, account=account)
    source = polled({}, places=places)

    async def scene():
        await source.until(lambda: len([key for key in source.remembered("alarms/") if "/cursor/" in key]) == 3)
        for region, account in wheres:
            aws.alarm("web-cpu", "ALARM", region=region, account=account)
        await source.until(lambda: len(source.events()) == 3)

    play(source, scene)
    assert {(event.source, event.data["account"]) for event in source.events()} == {
        ("aws:cloudwatch:one:eu-central-1", ACCOUNT),
        ("aws:cloudwatch:one:us-east-1", ACCOUNT),
        ("aws:cloudwatch:two:eu-central-1", "222222222222"),
    }
    assert len({event.dedup_key for event in source.events()}) == 3


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


def test_asking_whether_an_alarm_goes_on(aws, polled):
    put_alarm(aws)
    place = Place("test", REGION, Access(endpoint_url=aws.url))
    source = polled()

    async def scene():
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM")
        await source.until(source.events)

    play(source, scene)
    event = source.events()[0].to_mapping()

    async def asked():
        clients = Clients()
        directory = Directory(clients, Health(), [place])
        confirmation = Confirmation([place], clients, directory.account_of)
        try:
            answers = [await confirmation.ask(event)]
            aws.alarm("web-cpu", "INSUFFICIENT_DATA")
            answers.append(await confirmation.ask(event))
            aws.alarm("web-cpu", "OK")
            answers.append(await confirmation.ask(event))
            through_queue = {**event, "source": "aws:sqs:eu-central-1:alarms"}
            answers.append(await confirmation.ask(through_queue))
            answers.append(await confirmation.ask({**event, "data": {**event["data"], "monitor": "probe"}}))
            aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
            answers += [await confirmation.ask(event), await confirmation.ask(through_queue)]
            arn = event["data"]["alarm_arn"].replace(ACCOUNT, OTHER_ACCOUNT)
            answers.append(await confirmation.ask({**through_queue, "data": {**event["data"], "alarm_arn": arn}}))
            return answers
        finally:
            await directory.close()
            await clients.close()

    aws.forget_calls()
    assert asyncio.run(asked()) == ["firing", None, "resolved", "resolved", None, "resolved", "resolved", None]
    assert aws.calls()["GetCallerIdentity"] == 1, "an account keeps its number"


@pytest.mark.usefixtures("polled")  # for credentials
def test_of_an_alarm_that_is_gone_the_right_account_is_asked(aws):
    """Of several accounts that have the region, the one of the ARN tells."""
    places = [place_at(aws.url, account=OTHER_ACCOUNT), place_at(aws.url)]
    data = {"monitor": "cloudwatch", "name": "web-cpu"}

    async def asked():
        clients = Clients()
        directory = Directory(clients, Health(), places)
        confirmation = Confirmation(places, clients, directory.account_of)
        try:
            arns = [f"arn:aws:cloudwatch:{REGION}:{account}:alarm:web-cpu" for account in (ACCOUNT, OTHER_ACCOUNT, "333333333333")]
            return [await confirmation.ask({"source": "aws:sqs:eu-central-1:alarms", "data": {**data, "alarm_arn": arn}}) for arn in arns]
        finally:
            await directory.close()
            await clients.close()

    put_alarm(aws)  # of the first account, and of no other
    assert asyncio.run(asked()) == [None, "resolved", None], "without data an alarm tells neither"
    aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
    assert asyncio.run(asked()) == ["resolved", "resolved", None]
