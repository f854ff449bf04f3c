# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A month away: every line that matched is counted once, though the source ends at any moment; and what that costs is printed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs import rate_limit

DAYS = 30
GROUPS = ("/shop/orders", "/shop/quiet")
WINDOW = 3600


def month_of_lines(rng: random.Random) -> list[tuple[float, str]]:
    """Return lines: some every day, and storms of thousands, one of them more than a page takes."""
    now = time.time()
    times = [now - rng.uniform(2 * WINDOW, DAYS * 86_400 - WINDOW) for _line in range(3000)]
    for storm in (3000, 4000, 13_000):
        began = now - rng.uniform(2 * 86_400, (DAYS - 2) * 86_400)
        times += [began + rng.uniform(0, 600) for _line in range(storm)]
    return [(round(at, 3), json.dumps({"level": "ERROR", "number": number})) for number, at in enumerate(sorted(times))]


@pytest.mark.parametrize("ends_often", [False, True], ids=["at once", "ending again and again"])
def test_a_month_of_lines_is_caught_up_whole(aws, polled, soak_seed, ends_often, monkeypatch, capsys):
    # AWS takes less, for which the test is not to wait; but no life of two seconds is to take in all of it.
    monkeypatch.setattr(rate_limit, "PER_SECOND", 20 if ends_often else 100)
    rng = random.Random(soak_seed)
    lines = month_of_lines(rng)
    for number, stream in enumerate(("one", "two", "three")):
        aws.add_log_lines(GROUPS[0], stream, lines[number::3])
    aws.add_log_lines(GROUPS[1], "one", [(time.time() - 9 * 86_400, "a single line")])
    aws.set_logs(empty_pages=True)
    begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - DAYS * 86_400))
    source = polled(logs=[{"groups": list(GROUPS), "interval": 1, "overlap": 7200, "window": WINDOW, "from": begin}])
    aws.forget_calls()
    ends = 0

    async def short_life() -> None:
        async with source.running():
            await asyncio.sleep(rng.uniform(0.3, 2.0))

    async def life() -> None:
        async with source.running():
            await source.until(lambda: sum(event.data["count"] for event in source.events()) >= len(lines) + 1, 120)

    while ends_often and sum(event.data["count"] for event in source.events()) < len(lines) * 0.8 and ends < 25:
        asyncio.run(short_life())
        ends += 1
    asyncio.run(life())
    aws.set_logs(empty_pages=False)
    calls = aws.calls()
    each = sum(calls.values()) / DAYS / len(GROUPS)
    with capsys.disabled():
        print(f"\n{len(lines) + 1} lines in {DAYS} days, {ends} ends meanwhile, every second page empty:", end=" ")
        print(f"{each:.1f} requests for a day of history of a group, {dict(calls)}")
    found = Counter()
    for event in source.events():
        found[event.data["log_group"], int(time.mktime(time.strptime(event.data["first_at"][:19], "%Y-%m-%dT%H:%M:%S"))) // WINDOW] += event.data["count"]
    assert sum(found.values()) == len(lines) + 1
    wanted = Counter(int(at) // WINDOW for at, _text in lines)
    assert sorted(count for (group, _window), count in found.items() if group == GROUPS[0]) == sorted(wanted.values())
    assert len(source.events()) == len(wanted) + 1, "a window is one event"
    assert ends_often is (ends >= 2)
    assert len({event.id for event in source.handed_in}) == len(source.handed_in)
