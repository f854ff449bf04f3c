# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Broken requests for the front door, of each scheme and adapter, on the real ansible-rulebook: a few in CI, 200,000 in `make fuzz`.

None may be answered with 5xx; the source does not fail, its memory does not grow, and it still serves in the end.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from ansible_collections.eventops.infra.tests.e2e.fuzz.broken_requests import requests
from ansible_collections.eventops.infra.tests.e2e.fuzz.payloads import ADAPTERS, GENERIC, PAYLOADS
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

SECRET = "the-secret-of-the-fuzzer"
AT_ONCE = 96
ANSWER_SECONDS = 0.3  # that an answer is waited for: many broken requests are the beginning of a request that never ends
MOST_GROWTH = 64 * 2**20


def test_no_request_breaks_the_front_door(rulebook, request, capsys):
    inputs, seed = request.config.getoption("--fuzz-inputs"), request.config.getoption("--soak-seed")
    port, store = free_port(), rulebook.directory / "store.db"
    auth = {"hmac": {"algorithm": "sha256", "header": "X-Signature", "secrets": [SECRET]}}
    endpoints = {f"/{name}": {"adapter": name, "auth": auth, "unread": "keep"} for name in ADAPTERS} | {"/generic": {"adapter": GENERIC, "auth": auth}}
    endpoints |= {f"/{name}/open": {"adapter": name, "insecure": True} for name in ADAPTERS} | {"/bearer": {"auth": {"bearer": {"secrets": [SECRET]}}}}
    http = {"name": "door", "eventops.infra.http": {"address": f"127.0.0.1:{port}", "request_seconds": 2, "endpoints": endpoints}}
    router = {"name": "router", "eventops.infra.router": {"store": str(store), "sources": [http]}}
    rules = [{"name": "None", "condition": 'event.type == "never"', "action": {"none": {}}}]
    rulebook.write([{"name": "Door", "hosts": "all", "sources": [router], "rules": rules}], {"web-01": {}})
    rulebook.start("-v")
    wait_until(lambda: asyncio.run(_is_served(port)), "the front door", 60, lambda: rulebook.output[-3000:])

    async def fuzz(count: int, seed: int) -> Counter:
        answers: Counter = Counter()
        random = Random(seed)
        good = _good_requests()
        waiting = iter(range(count))

        async def client() -> None:
            for _number in waiting:
                sent = requests(random, good)
                for status in await _ask(port, sent):
                    answers[status] += 1
                    assert status < 500, sent

        await asyncio.gather(*(client() for _each in range(AT_ONCE)))
        return answers

    asyncio.run(fuzz(inputs // 3, seed))
    before, began = _resident(rulebook.pid), time.monotonic()
    answers = asyncio.run(fuzz(inputs - inputs // 3, seed + 1))
    growth = _resident(rulebook.pid) - before
    with capsys.disabled():
        rate = (inputs - inputs // 3) / (time.monotonic() - began)
        print(f"\nfuzz: {inputs:,} requests, {rate:,.0f} a second, answers {dict(sorted(answers.items()))}, memory {growth / 2**20:+.0f} MiB, seed {seed}")
    assert asyncio.run(_is_served(port))
    assert growth < MOST_GROWTH
    assert "Traceback" not in rulebook.output and "eventops.infra.http failed" not in rulebook.output
    stored = Ledger(store).events(child="door")
    assert stored and not [event for event in stored if event["type"].startswith("case.")]


def _good_requests() -> list[bytes]:
    """One request for each endpoint, with a right signature where the endpoint wants one."""
    made = []
    for name in (*ADAPTERS, "generic", "bearer"):
        body = json.dumps(PAYLOADS.get(name, {"alert": "A", "host": "web-01"})).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        for path in (f"/{name}", f"/{name}/open"):
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            head += f"X-Signature: {signature}\r\nAuthorization: Bearer {SECRET}\r\n"
            made.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return made


async def _is_served(port: int) -> bool:
    return 202 in await _ask(port, _good_requests()[0], 10)


async def _ask(port: int, sent: bytes, seconds: float = ANSWER_SECONDS) -> list[int]:
    """Send bytes, and return the statuses of what is answered."""
    answer = b""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(sent)
                while b"\r\n\r\n" not in answer and (more := await reader.read(65536)):
                    answer += more
            finally:
                writer.transport.abort()
    return [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answer, re.MULTILINE)]


def _resident(pid: int) -> int:
    return 1024 * int(Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_gives_the_same_requests_again(seed):
    first, second = ([requests(random, _good_requests()) for _each in range(50)] for random in (Random(seed), Random(seed)))
    assert first == second
