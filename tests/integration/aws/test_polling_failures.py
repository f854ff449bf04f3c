# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever AWS does when it is polled: it is said on /healthz, tried again, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access import patience

from .made_alarms import put_alarm
from .polled import play

PLACE = "alarms test/eu-central-1"
GROUP = "/shop/orders"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(patience, "LONGEST_PAUSE_SECONDS", 1.0)


def write(aws, text: str) -> None:
    aws.add_log_lines(GROUP, "one", [(time.time(), text)])


def lines(source) -> list[str]:
    return [sample["message"] for event in source.events() if event.type == "log.matched" for sample in event.data["samples"]]


FAULTS = [
    ("throttled", {}, "Throttling|Rate exceeded"),
    ("expired", {}, "no longer|expired"),
    ("skewed", {}, "clock"),
    ("internal", {"after": True}, "Internal"),
    ("unavailable", {}, "Unavailable"),
    ("reset", {}, "answer"),
    ("cut off", {}, "answer"),
    ("denied", {}, "grant"),
]


@pytest.mark.parametrize(("kind", "how", "said"), FAULTS, ids=[kind for kind, _how, _said in FAULTS])
def test_what_fails_for_a_while_is_caught_up_and_said_meanwhile(aws, polled, proxy, kind, how, said):
    put_alarm(aws)
    write(aws, "from before")
    time.sleep(1.1)
    source = polled({}, url=proxy.url, logs=[{"groups": [GROUP], "interval": 1, "overlap": 30, "window": 1}])

    async def scene():
        await source.until_begun("alarms/")
        await source.until_begun("logs/")
        proxy.fail(kind, **how)
        await source.until(lambda: len(source.troubles) >= 2)
        troubles = source.troubles
        for state in ("ALARM", "OK", "ALARM"):
            aws.alarm("web-cpu", state)
        write(aws, "meanwhile")
        await asyncio.sleep(1.5)
        assert source.events() == []
        proxy.heal()
        await source.until(lambda: len(source.events()) == 4 and not source.troubles)
        await asyncio.sleep(1.5)
        return troubles

    found = {}

    async def noted():
        found.update(await scene())

    play(source, noted)
    assert any(word.lower() in found[PLACE].lower() for word in said.split("|")), found
    assert "no-secret-of-anybody" not in str(found)
    assert [state for name, state in source.told() if name == "web-cpu"] == ["ALARM", "OK", "ALARM"]
    assert lines(source) == ["meanwhile"]
    assert len(source.handed_in) == 4


def test_what_fails_by_chance_loses_nothing(aws, polled, proxy):
    for number in range(5):
        put_alarm(aws, f"alarm-{number}")
    write(aws, "from before")
    time.sleep(1.1)
    source = polled({}, url=proxy.url, logs=[{"groups": [GROUP], "interval": 1, "overlap": 30, "window": 1, "samples": 20}])

    async def scene():
        await source.until_begun("alarms/")
        await source.until_begun("logs/")
        for kind in ("throttled", "reset", "cut off", "internal"):
            proxy.fail(kind, share=0.15)
        for turn in range(6):
            for number in range(5):
                aws.alarm(f"alarm-{number}", ("ALARM", "OK")[turn % 2])
                write(aws, f"{turn}/{number}")
            await asyncio.sleep(0.7)
        await source.until(lambda: len([event for event in source.events() if event.type != "log.matched"]) == 30 and len(lines(source)) == 30)

    play(source, scene)
    for number in range(5):
        assert [state for name, state in source.told() if name == f"alarm-{number}"] == ["ALARM", "OK"] * 3
    assert sorted(lines(source)) == sorted(f"{turn}/{number}" for turn in range(6) for number in range(5))
    assert len({event.id for event in source.handed_in}) == len(source.handed_in)


def test_when_the_endpoint_goes_away(aws, polled, proxy):
    put_alarm(aws)
    source = polled({}, url=proxy.url)

    async def scene():
        await source.until_begun("alarms/")
        with proxy.down():
            await source.until(lambda: PLACE in source.troubles)
            aws.alarm("web-cpu", "ALARM")
            aws.alarm("web-cpu", "OK")
            await asyncio.sleep(1)
        await source.until(lambda: len(source.events()) == 2 and not source.troubles)

    play(source, scene)
    assert [state for _name, state in source.told()] == ["ALARM", "OK"]


def test_where_only_describe_alarms_is_granted(aws, polled, proxy, monkeypatch):
    for name in ("web", "has-no-data", "loses-data"):
        put_alarm(aws, name)
    for name in ("web", "loses-data"):
        aws.alarm(name, "OK")
    proxy.fail("denied", calls=["DescribeAlarmHistory"])
    source = polled({}, url=proxy.url)

    async def scene():
        await source.until(lambda: "alarms/test/eu-central-1/by state" in source.remembered("alarms/"))
        assert "DescribeAlarmHistory" in source.troubles[f"{PLACE} history"]
        aws.alarm("web", "ALARM")
        await source.until(lambda: len(source.events()) == 1)
        aws.alarm("web", "OK")
        await source.until(lambda: len(source.events()) == 2)
        aws.alarm("loses-data", "INSUFFICIENT_DATA")
        await source.until(lambda: len(source.events()) == 3)
        aws.alarm("loses-data", "OK")
        await source.until(lambda: len(source.events()) == 4)
        aws.alarm("web", "ALARM")
        await source.until(lambda: len(source.events()) == 5)
        aws.client("cloudwatch").delete_alarms(AlarmNames=["web"])
        await source.until(lambda: len(source.events()) == 6)
        await asyncio.sleep(1.5)

    play(source, scene)
    assert source.told() == [("web", "ALARM"), ("web", "OK"), ("loses-data", "INSUFFICIENT_DATA"), ("loses-data", "OK"), ("web", "ALARM"), ("web", "OK")]
    assert proxy.calls["DescribeAlarmHistory"] == 1, "it is asked for again in a quarter of an hour"
    assert len(source.handed_in) == 6


def test_when_the_history_is_granted_later_nothing_is_told_twice(aws, polled, proxy, monkeypatch):
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms import watching

    monkeypatch.setattr(watching, "_DENIED_SECONDS", 3.0)
    put_alarm(aws)
    proxy.fail("denied", calls=["DescribeAlarmHistory"])
    source = polled({"overlap": 60}, url=proxy.url)

    async def scene():
        await source.until(lambda: f"{PLACE} history" in source.troubles)
        aws.alarm("web-cpu", "ALARM")
        await source.until(lambda: len(source.events()) == 1)
        proxy.heal()
        await source.until(lambda: not source.troubles)
        aws.alarm("web-cpu", "OK")
        aws.alarm("web-cpu", "ALARM")
        await source.until(lambda: len(source.events()) == 3)
        await asyncio.sleep(1.5)

    play(source, scene)
    assert [state for _name, state in source.told()] == ["ALARM", "OK", "ALARM"]


def test_a_pattern_that_aws_does_not_take_is_said_and_holds_up_nothing(aws, polled):
    put_alarm(aws)
    others = [f"/shop/{number}" for number in range(5)]
    for group in (GROUP, *others):
        aws.add_log_lines(group, "one", [(time.time() - 60, "a line")])
    broken = {"groups": others, "pattern": "{ broken", "interval": 1, "from": "all"}
    source = polled({}, logs=[broken, {"groups": [GROUP], "interval": 1, "window": 1, "from": "all"}])

    async def scene():
        await source.until(lambda: set(source.troubles) == {f"logs[0] test/eu-central-1 {group}" for group in others})
        assert all("Invalid filter pattern" in text for text in source.troubles.values())
        await source.until_begun("alarms/")
        aws.alarm("web-cpu", "ALARM")
        await source.until(lambda: ("web-cpu", "ALARM") in source.told() and lines(source) == ["a line"])

    play(source, scene)


@pytest.mark.parametrize("ahead", [-800, -200, 200, 800])
def test_a_clock_that_is_wrong_hides_nothing_and_repeats_nothing(aws, polled, ahead):
    put_alarm(aws)
    write(aws, "from before")
    aws.alarm("web-cpu", "OK")
    time.sleep(1.1)
    source = polled({}, ahead=ahead, logs=[{"groups": [GROUP], "interval": 1, "overlap": 10, "window": 1}])

    async def scene():
        await source.until_begun("alarms/")
        await source.until_begun("logs/")
        for turn in range(3):
            aws.alarm("web-cpu", ("ALARM", "OK")[turn % 2])
            write(aws, str(turn))
            await asyncio.sleep(1.5)
        await source.until(lambda: len(source.events()) == 6)

    play(source, scene)
    assert [state for name, state in source.told() if name == "web-cpu"] == ["ALARM", "OK", "ALARM"]
    assert lines(source) == ["0", "1", "2"]
    assert len(source.handed_in) == 6
