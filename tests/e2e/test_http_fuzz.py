# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Broken requests for the front door, of each scheme but client_certificate and of each adapter, on the real ansible-rulebook: a few in CI, 200,000 in
`make fuzz`.

None may be answered with 5xx, and none of those that nobody may send is taken; the source does not fail, its memory does not grow, and it still serves in
the end. The certificate of SNS comes from this machine: nothing leaves it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from ansible_collections.eventops.infra.tests.e2e.fuzz.broken_requests import requests
from ansible_collections.eventops.infra.tests.e2e.fuzz.certificate_server import certificates_served
from ansible_collections.eventops.infra.tests.e2e.fuzz.good_requests import endpoints, good_requests, refused_requests
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

AT_ONCE = 96
REFUSED_SHARE = 0.3  # of the requests: whatever becomes of them on their way, nobody has the secret that they would need
ANSWER_SECONDS = 0.3  # that an answer is waited for: many broken requests are the beginning of a request that never ends
MOST_GROWTH = 64 * 2**20


@pytest.fixture
def served_by_amazon(directory):
    with certificates_served(directory) as served:
        yield served


def test_no_request_breaks_the_front_door(rulebook, served_by_amazon, request, capsys):
    inputs, seed = request.config.getoption("--fuzz-inputs"), request.config.getoption("--soak-seed")
    port, store = free_port(), rulebook.directory / "store.db"
    cafile, env = served_by_amazon
    http = {"name": "door", "eventops.infra.http": {"address": f"127.0.0.1:{port}", "request_seconds": 2, "endpoints": endpoints(cafile)}}
    router = {"name": "router", "eventops.infra.router": {"store": str(store), "sources": [http]}}
    rules = [{"name": "None", "condition": 'event.type == "never"', "action": {"none": {}}}]
    rulebook.write([{"name": "Door", "hosts": "all", "sources": [router], "rules": rules}], {"web-01": {}})
    rulebook.start("-v", **env)
    wait_until(lambda: asyncio.run(_is_served(port)), "the front door", 60, lambda: rulebook.output[-3000:])

    for sent in good_requests(time.time()):
        assert asyncio.run(_ask(port, sent, 10)) == [202], sent
    for sent in refused_requests(time.time()):
        assert asyncio.run(_ask(port, sent, 10)) == [401], sent

    async def fuzz(count: int, seed: int) -> Counter:
        answers: Counter = Counter()
        random = Random(seed)
        good, refused = good_requests(time.time()), refused_requests(time.time())
        waiting = iter(range(count))

        async def client() -> None:
            for _number in waiting:
                is_refused = random.random() < REFUSED_SHARE
                sent = requests(random, refused if is_refused else good)
                for status in await _ask(port, sent):
                    answers[status] += 1
                    assert status < 500, sent
                    assert not (is_refused and 200 <= status < 300), sent

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


async def _is_served(port: int) -> bool:
    return 202 in await _ask(port, good_requests(time.time())[0], 10)


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
    first, second = ([requests(random, good_requests(1_700_000_000)) for _each in range(50)] for random in (Random(seed), Random(seed)))
    assert first == second
