# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Memory and processor time of the router over two hundred thousand events, which open, join and close two thousand cases again and again."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass

from .contestants import Contestant
from .load import Alerts, needs_wrk, send
from .results import Table, publish, seconds

EVENTS, COMPARED_FROM = 200_000, 50_000
CONNECTIONS = 32
SEND_SECONDS = 5  # between two looks
ALERTS = Alerts("Taken", keys=2000, resolve=True)
RULES = [{"name": "Take", "condition": 'event.payload.alert == "Taken"', "action": {"none": {}}}]
ROUTER = {"policy": {"max_unhealthy": "100%"}}


@dataclass(frozen=True)
class Look:
    """How the process stood after so many events."""

    events: int
    resident_bytes: int
    cpu_seconds: float
    store_bytes: int


@needs_wrk
def test_memory(directory, env):
    contestant = Contestant(directory / "router", env, RULES, playbooks={}, router=ROUTER)
    began = time.monotonic()
    try:
        contestant.start()
        looks = [_look(contestant, 0)]
        while looks[-1].events < EVENTS:
            answers = send(contestant.port, ALERTS, connections=CONNECTIONS, seconds=SEND_SECONDS)
            assert not answers.refused and not answers.broken, answers
            looks.append(_look(contestant, looks[-1].events + answers.requests))
    finally:
        contestant.close()
    _report(looks, time.monotonic() - began)


def _look(contestant: Contestant, events: int) -> Look:
    store = sum(path.stat().st_size for path in contestant.directory.glob("store.db*") if path.is_file())
    return Look(events, contestant.resident_bytes, contestant.cpu_seconds, store)


def _report(looks: list[Look], taken_seconds: float) -> None:
    compared, last = next(look for look in looks if look.events >= COMPARED_FROM), looks[-1]
    growth = last.resident_bytes / compared.resident_bytes - 1
    table = Table("The router over many events", ["events", "memory (with Java)", "processor time for 1,000 events", "store"])
    shown = [0, *(next(place for place, look in enumerate(looks) if look.events >= number) for number in (50_000, 100_000, 150_000, EVENTS))]
    for before, place in zip([None, *shown], shown):
        look = looks[place]
        spent = "" if before is None else seconds((look.cpu_seconds - looks[before].cpu_seconds) / (look.events - looks[before].events) * 1000)
        table.rows.append([f"{look.events:,}", f"{look.resident_bytes / 2**20:,.0f} MiB", spent, f"{look.store_bytes / 2**20:,.0f} MiB"])
    table.notes.append(f"Memory grew by {growth:.1%} between the {compared.events:,}th and the {last.events:,}th event; it took {seconds(taken_seconds)}.")
    publish("memory", {"looks": [asdict(look) for look in looks], "growth": growth, "seconds": taken_seconds}, table)
