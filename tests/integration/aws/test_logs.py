# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log lines by polling: each line that matches is told of once, many of one window together, and late ones, too."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

GROUP = "/shop/orders"
QUICK = {"groups": [GROUP], "interval": 1, "overlap": 30, "window": 2}


class Log:
    """A log group of the double."""

    def __init__(self, aws, group=GROUP):
        self.client, self.group = aws.client("logs"), group
        self.client.create_log_group(logGroupName=group)
        self.streams: set[str] = set()

    def write(self, *lines, stream="i-12345678901234567", ago=0.0):
        """Write lines, each a text or a pair of how long ago it was and a text."""
        if stream not in self.streams:
            self.client.create_log_stream(logGroupName=self.group, logStreamName=stream)
            self.streams.add(stream)
        now = time.time()
        events = [(now - ago, line) if isinstance(line, str) else (now - line[0], line[1]) for line in lines]
        written = [{"timestamp": int(at * 1000), "message": message} for at, message in sorted(events, key=lambda event: event[0])]
        self.client.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=written)


@pytest.fixture
def log(aws):
    return Log(aws)


def play(polled, scene) -> None:
    """Run a scene while the source polls."""

    async def playing():
        async with polled.running():
            await scene()

    asyncio.run(playing())


def counted(source) -> int:
    return sum(event.data["count"] for event in source.events())


def test_a_line_that_matches(aws, polled, log):
    log.write("ERROR from before the start")
    time.sleep(1.1)
    source = polled(logs=[{**QUICK, "pattern": "ERROR", "name": "CriticalLog", "severity": "critical"}])

    async def scene():
        await source.until_begun("logs/")
        log.write("all is well", json.dumps({"level": "ERROR", "host": "web-01", "order": 17}))
        await source.until(source.events)
        await asyncio.sleep(3)

    play(source, scene)
    (event,) = source.events()
    assert (event.type, event.severity, event.subject, event.source) == ("log.matched", "critical", GROUP, "aws:logs:test:eu-central-1")
    assert event.hosts == ("web-01",)
    data = event.data
    assert (data["name"], data["log_group"], data["log_stream"]) == ("CriticalLog", GROUP, "i-12345678901234567")
    assert (data["count"], data["pattern"], data["json"]) == (1, "ERROR", {"level": "ERROR", "host": "web-01", "order": 17})
    assert (data["account"], data["region"]) == ("test", "eu-central-1")
    assert data["samples"] == [{"time": data["first_at"], "message": data["message"], "json": data["json"], "stream": data["log_stream"]}]


def test_many_lines_of_a_window_are_one_event(aws, polled, log):
    source = polled(logs=[{**QUICK, "window": 4, "samples": 3}])

    async def scene():
        await source.until_begun("logs/")
        await asyncio.sleep(4 - time.time() % 4)  # a window begins
        log.write(*(f"line {number}" for number in range(500)))
        log.write("another stream", stream="other")
        await source.until(source.events)
        await asyncio.sleep(2)

    play(source, scene)
    (event,) = source.events()
    assert event.data["count"] == 501
    assert [sample["message"] for sample in event.data["samples"]] == ["line 0", "line 1", "line 2"]
    assert event.dedup_key == f"log.matched/test/eu-central-1/{GROUP}"


def test_a_line_that_appears_late_is_told_of_once(aws, polled, log):
    source = polled(logs=[QUICK])

    async def scene():
        await source.until_begun("logs/")
        await asyncio.sleep(7)  # nothing is told of lines from before the start
        log.write((3.0, "in time"))
        await source.until(lambda: counted(source) == 1)
        log.write((5.0, "late"), (4.9, "late, too"), stream="slow")
        await source.until(lambda: counted(source) == 3)
        await asyncio.sleep(2.5)

    play(source, scene)
    told = [sample["message"] for event in source.events() for sample in event.data["samples"]]
    assert sorted(told) == ["in time", "late", "late, too"]
    assert len({event.id for event in source.events()}) == len(source.handed_in)


def test_lines_are_data_and_bounded(aws, polled, log):
    source = polled(logs=[{**QUICK, "samples": 10}])
    long, deep = "x" * 100_000, "[" * 5000
    lines = [long, '{"a": ' + deep, json.dumps({"text": long}), "{{ lookup('pipe', 'id') }}", '{"a": 1, "a": 2}', "\x00\x1b[31mred", '{"emoji": "\U0001f525"}']

    async def scene():
        await source.until_begun("logs/")
        for line in lines:
            log.write(line)
        await source.until(lambda: counted(source) == len(lines))

    play(source, scene)
    for event in source.events():
        assert len(json.dumps(event.data)) < 40_000
        assert len(event.data["message"]) <= 4000
    parsed = [sample["json"] for event in source.events() for sample in event.data["samples"] if "json" in sample]
    assert parsed == [{"emoji": "\U0001f525"}]


def test_groups_by_prefix_also_those_that_are_created_later(aws, polled, log, monkeypatch):
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import watching

    monkeypatch.setattr(watching, "_LISTED_SECONDS", 1.0)
    Log(aws, "/other/group").write("is not searched")
    source = polled(logs=[{**{key: value for key, value in QUICK.items() if key != "groups"}, "prefix": "/shop/"}])

    async def scene():
        await source.until_begun("logs/")
        log.write("known")
        new = Log(aws, "/shop/new")
        new.write("written before the group was found")
        await source.until(lambda: counted(source) == 2)
        aws.client("logs").delete_log_group(logGroupName="/shop/new")
        await source.until(lambda: not source.remembered() or not any("/shop/new" in key for key in source.remembered("logs/")))
        assert not source.troubles

    play(source, scene)
    assert {event.data["log_group"] for event in source.events()} == {GROUP, "/shop/new"}


def test_a_group_that_is_not_there_holds_up_no_other(aws, polled, log):
    source = polled(logs=[{**QUICK, "groups": ["/not/there", GROUP]}])

    async def scene():
        await source.until(lambda: "logs[0] test/eu-central-1 /not/there" in source.troubles)
        log.write("one")
        await source.until(lambda: counted(source) == 1)
        Log(aws, "/not/there").write("two")
        await source.until(lambda: counted(source) == 2 and not source.troubles)

    play(source, scene)


def test_what_was_written_while_it_was_away(aws, polled, log):
    source = polled(logs=[QUICK])

    async def before():
        await source.until_begun("logs/")
        log.write("one")
        await source.until(lambda: counted(source) == 1)

    async def after():
        await source.until(lambda: counted(source) == 3)
        await asyncio.sleep(2)

    play(source, before)
    log.write("two", "three")
    play(source, after)
    assert sorted(sample["message"] for event in source.events() for sample in event.data["samples"]) == ["one", "three", "two"]
    assert len({event.id for event in source.events()}) == len(source.handed_in)


@pytest.mark.parametrize(("start", "told"), [("all", 3), ("hour", 2)])
def test_the_first_start_begins_where_it_is_told_to(aws, polled, log, start, told):
    log.write((86_400 * 5, "days ago"), (1800, "half an hour ago"), (30, "a moment ago"))
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600)) if start == "hour" else start
    source = polled(logs=[{**QUICK, "from": when}])

    async def scene():
        await source.until(lambda: counted(source) == told)
        await asyncio.sleep(2)

    play(source, scene)
    assert counted(source) == told
