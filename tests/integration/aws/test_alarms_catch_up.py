# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A month away: everything that the history has is told, each change once, though the source ends at any moment; and what that costs is printed."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from datetime import UTC, datetime

import pytest

from .made_alarms import put_alarm

DAYS = 30
ALARMS = 40
CHANGES = 5000


def month_of_changes(rng: random.Random) -> list[dict]:
    """Return a history: each alarm flaps at random times."""
    now = time.time()
    items = []
    for number in range(ALARMS):
        old, kind = "OK", "CompositeAlarm" if number % 4 == 3 else "MetricAlarm"
        for at in sorted({round(now - rng.uniform(120, DAYS * 86_400 - 3600), 3) for _change in range(CHANGES // ALARMS)}):
            new = rng.choice([state for state in ("OK", "ALARM", "INSUFFICIENT_DATA") if state != old])
            items.append({"name": f"alarm-{number:02}", "time": at, "old": old, "new": new, "alarm_type": kind})
            old = new
    return items


def put_alarms(aws) -> None:
    for number in range(ALARMS):
        if number % 4 == 3:
            aws.client("cloudwatch").put_composite_alarm(AlarmName=f"alarm-{number:02}", AlarmRule="ALARM(alarm-00)")
        else:
            put_alarm(aws, f"alarm-{number:02}")


def in_milliseconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


@pytest.mark.parametrize("ends_often", [False, True], ids=["at once", "ending again and again"])
def test_a_month_of_history_is_caught_up_whole(aws, polled, soak_seed, ends_often, capsys):
    rng = random.Random(soak_seed)
    items = month_of_changes(rng)
    aws.add_history(items)
    put_alarms(aws)
    wanted = defaultdict(list)
    for item in items:
        wanted[item["name"]].append((in_milliseconds(datetime.fromtimestamp(item["time"], UTC)), item["new"]))
    source = polled({"from": datetime.fromtimestamp(time.time() - DAYS * 86_400, UTC).isoformat().replace("+00:00", "Z"), "overlap": 3600})
    aws.forget_calls()
    ends = 0

    async def short_life() -> None:
        async with source.running():
            await asyncio.sleep(rng.uniform(0.2, 1.5))

    async def life() -> None:
        async with source.running():
            await source.until(lambda: len(source.events()) >= len(items), 120)
            await source.until(lambda: "alarms/test/eu-central-1/by state" not in source.remembered() and not pending(source))

    while ends_often and len(source.events()) < len(items) * 0.8 and ends < 25:
        asyncio.run(short_life())
        ends += 1
    asyncio.run(life())
    calls = aws.calls()
    with capsys.disabled():
        print(f"\n{len(items)} changes in {DAYS} days, {ends} ends meanwhile: {sum(calls.values()) / DAYS:.1f} requests for a day of history, {dict(calls)}")
    told = defaultdict(list)
    for event in source.events():
        told[event.data["name"]].append((in_milliseconds(datetime.fromisoformat(event.time)), event.data["state"]))
    for name, changes in wanted.items():
        # What comes after is the state that the alarm of the double has: that is the last word.
        assert told[name][: len(changes)] == changes, name
        assert len(told[name]) <= len(changes) + 1
    assert ends_often is (ends >= 3)
    handed = [event.id for event in source.handed_in]
    assert len(handed) == len(set(handed)), "nothing was handed in twice, even where the store would have known it"


def pending(source) -> list[str]:
    return [key for key, text in source.remembered("alarms/").items() if '"pending"' in text]
