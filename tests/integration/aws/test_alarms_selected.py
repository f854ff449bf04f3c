# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling: which of them are told, by which of several entries, in which accounts and regions."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION

from .made_alarms import put_alarm
from .polled import play


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
    for name, own in tags.items():
        put_alarm(aws, name, Tags=[{"Key": key, "Value": value} for key, value in own.items()])
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
