# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms by polling: where the first start begins, and what happened while the source was away."""

from __future__ import annotations

import asyncio
import time

import pytest

from .made_alarms import ago, put_alarm
from .polled import play


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
