# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What good senders wait for while bad ones do their worst: the front door under the router on the real ansible-rulebook, no playbook running.

500 clients send a byte now and then, half of them of a request's head, half of a body that they have announced; 200 requests a second come from
nobody that is known; 50 a second are good. First the good ones alone, then all.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from contextlib import suppress

import aiohttp
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

from .results import Table, milliseconds, publish

SECONDS = 20
SLOW_CLIENTS = 500
STRANGERS_PER_SECOND = 200
GOOD_PER_SECOND = 50
TOKEN = "good-senders-know-this-one"
GENERIC = {"generic": {"type": {"value": "alert.firing"}, "name": "payload.alert", "hosts": "payload.host"}}
GOOD = {"Authorization": f"Bearer {TOKEN}"}
STRANGER = {"Authorization": "Bearer nobody-knows-this-one"}
SLOW_HEAD = "POST /hook HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SLOW_BODY = f"{SLOW_HEAD}Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"


def test_http_bad_clients(directory, env):
    port, rulebook = free_port(), Rulebook(directory / "rulebook", env)
    endpoint = {"adapter": GENERIC, "auth": {"bearer": {"secrets": [TOKEN]}}}
    http = {"name": "door", "eventops.infra.http": {"address": f"127.0.0.1:{port}", "endpoints": {"/hook": endpoint}}}
    router = {"name": "router", "eventops.infra.router": {"store": str(directory / "store.db"), "sources": [http]}}
    rules = [{"name": "None", "condition": 'event.type == "never"', "action": {"none": {}}}]
    rulebook.write([{"name": "Door", "hosts": "all", "sources": [router], "rules": rules}], {"web-01": {}})
    rulebook.start()
    try:
        wait_until(lambda: asyncio.run(_posted(port)) == 202, "the front door", 60, lambda: rulebook.output[-3000:])
        found = asyncio.run(_measure(port))
    finally:
        rulebook.close()
    table = Table("Good senders among bad ones", ["senders", "good answers", "p50", "p99", "longest", "strangers refused", "slow clients cut off"])
    for name, (waits, refused, cut_off) in found.items():
        ordered = sorted(waits)
        p99 = ordered[int(len(ordered) * 0.99)]
        table.rows.append([name, f"{len(waits):,}", *map(milliseconds, (statistics.median(ordered), p99, ordered[-1])), f"{refused:,}", f"{cut_off:,}"])
    bad = f"{SLOW_CLIENTS} slow clients, who come again when they are cut off, {STRANGERS_PER_SECOND} strangers a second"
    table.notes.append(f"{SECONDS} s each, {GOOD_PER_SECOND} good deliveries a second; {bad}.")
    figures = {name: {"waits": waits, "refused": refused, "cut_off": cut_off} for name, (waits, refused, cut_off) in found.items()}
    publish("http_bad_clients", figures, table)


async def _posted(port: int) -> int:
    with suppress(aiohttp.ClientError):
        async with aiohttp.ClientSession() as session:
            return (await _post(session, port, GOOD, 0))[0]
    return 0


async def _measure(port: int) -> dict[str, tuple[list[float], int, int]]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        alone = await _good(session, port)
        cut_off = [0]
        refused: list[int] = []
        bad = [asyncio.create_task(_slow(port, number, cut_off)) for number in range(SLOW_CLIENTS)]
        bad.append(asyncio.create_task(_strangers(session, port, refused)))
        await asyncio.sleep(2)
        among = await _good(session, port)
        for task in bad:
            task.cancel()
        await asyncio.gather(*bad, return_exceptions=True)
    assert set(refused) == {401}
    return {"good ones alone": (alone, 0, 0), "among bad ones": (among, len(refused), cut_off[0])}


async def _good(session: aiohttp.ClientSession, port: int) -> list[float]:
    waits: list[float] = []

    async def one(number: int) -> None:
        status, seconds = await _post(session, port, GOOD, number)
        assert status == 202
        waits.append(seconds)

    await _steadily(one, GOOD_PER_SECOND, SECONDS)
    return waits


async def _strangers(session: aiohttp.ClientSession, port: int, refused: list[int]) -> None:
    async def one(number: int) -> None:
        refused.append((await _post(session, port, STRANGER, number))[0])

    await _steadily(one, STRANGERS_PER_SECOND, 10 * SECONDS)


async def _steadily(one, per_second: int, seconds: float) -> None:
    began, tasks = time.monotonic(), []
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)


async def _post(session: aiohttp.ClientSession, port: int, headers: dict[str, str], number: int) -> tuple[int, float]:
    body = json.dumps({"alert": f"Alert{number % 100}", "host": "web-01", "value": number})
    began = time.monotonic()
    async with session.post(f"http://127.0.0.1:{port}/hook", data=body, headers={**headers, "Content-Type": "application/json"}) as answer:
        await answer.read()
        return answer.status, time.monotonic() - began


async def _slow(port: int, number: int, cut_off: list[int]) -> None:
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write((SLOW_HEAD if number % 2 else SLOW_BODY).encode())
            try:
                while not writer.is_closing() and not reader.at_eof():
                    await asyncio.sleep(1)
                    writer.write(b"X" if number % 2 else b" ")
                    await writer.drain()
            finally:
                writer.close()
        cut_off[0] += 1
