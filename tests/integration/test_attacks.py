# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attacks of a stranger on the front door and on the console: nothing of a stranger is taken, nothing breaks, and good senders are served."""

from __future__ import annotations

import asyncio
import gc
import hmac
import json
from contextlib import asynccontextmanager

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console.app import make_runner
from ansible_collections.eventops.infra.plugins.plugin_utils.web.connections import listening
from ansible_collections.eventops.infra.plugins.plugin_utils.web.protocol import Protocol
from ansible_collections.eventops.infra.tests.attacks import flooding
from ansible_collections.eventops.infra.tests.attacks.malformed import attacks
from ansible_collections.eventops.infra.tests.attacks.target import Target, assert_serves, assert_strangers_are_refused, exchange
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN, site
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.receiver.front_door import ALERT, GENERIC, door

PATH, HEAD_SECONDS, BODY_SECONDS = "/hook", 1.0, 1.0
BODY = json.dumps(ALERT).encode()
TOKEN = "1f0e9d8c7b6a59483726"
SCHEMES = {
    "bearer": ({"bearer": {"secrets": [TOKEN]}}, lambda _body: [("Authorization", f"Bearer {TOKEN}")]),
    "netbox": ({"netbox": {"secrets": [TOKEN]}}, lambda body: [("X-Hook-Signature", hmac.new(TOKEN.encode(), body, "sha512").hexdigest())]),
}
ATTACKS = dict(attacks(Target("127.0.0.1", 1, PATH, credentials=SCHEMES["netbox"][1])))


@asynccontextmanager
async def attacked(scheme):
    auth, credentials = SCHEMES[scheme]
    async with door({PATH: {"auth": auth, "adapter": GENERIC}}, request_seconds=BODY_SECONDS, max_connections=100) as opened:
        target = Target("127.0.0.1", opened.port, PATH, body=BODY, credentials=credentials)
        await assert_serves(target)
        await assert_strangers_are_refused(target)
        yield target
        await assert_serves(target)


async def assert_withstood(target):
    """Say that nothing malformed is taken, that none of it leads to a 5xx, and that nobody waits for it for long."""

    async def one(name, parts):
        outcome = await exchange(target, *parts)
        assert max(outcome.statuses, default=0) < 500, (name, outcome.received)
        assert outcome.accepted <= name.startswith("known"), (name, outcome.received)
        assert outcome.closed or outcome.statuses, name

    each = list(attacks(target))
    for start in range(0, len(each), 10):
        await asyncio.gather(*(one(*attack) for attack in each[start : start + 10]))


def run(scheme, attack):
    async def main():
        async with attacked(scheme) as target:
            await attack(target)

    asyncio.run(main())


@pytest.fixture(autouse=True)
def _nothing_fails_inside(caplog):
    yield
    assert not [record for record in caplog.records if record.levelno >= 40], "no stranger writes into the log"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_malformed_is_never_taken(scheme):
    run(scheme, assert_withstood)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_ambiguous_is_refused_also_of_who_is_known(scheme):
    async def attack(target):
        for name, parts in attacks(target):
            if name.startswith("known"):
                assert set((await exchange(target, *parts)).statuses) == {400}, name
        known, length = [*target.credentials(target.body)], ("Content-Length", str(len(target.body)))
        for head in (
            target.head([*known, length, ("Transfer-Encoding", "chunked")]),
            target.head([*known, length, ("Transfer-Encoding", "identity, chunked")]),
        ):
            assert set((await exchange(target, head + b"0\r\n\r\n" + target.stranger())).statuses) == {400}

    run(scheme, attack)


def test_old_and_unusual_senders_are_served():
    async def attack(target):
        for request in (
            target.good(version="HTTP/1.0"),
            target.good([("Connection", "close")]),
            target.good([("Expect", "100-continue")]),
            target.good(path=f"http://127.0.0.1{PATH}"),
            target.good(path=f"{PATH}?a=b"),
        ):
            assert (await exchange(target, request)).statuses == (202,), request

    run("netbox", attack)


def test_each_of_many_requests_in_one_go_gets_its_own_answer():
    run("netbox", flooding.pipelined)


def test_a_thousand_idle_connections():
    run("bearer", flooding.idle)


def test_slow_headers():
    async def attack(target):
        outcomes = await flooding.slow(target, f"POST {PATH} HTTP/1.1\r\nHost: a\r\n".encode(), b"A: b\r\n", count=60, within=HEAD_SECONDS + 3)
        assert not any(outcome.statuses for outcome in outcomes)

    run("bearer", attack)


def test_slow_bodies():
    async def attack(target):
        head = target.head([*target.credentials(b""), ("Content-Length", "60000")])
        outcomes = await flooding.slow(target, head, b"x", count=60, within=BODY_SECONDS + 3)
        assert {outcome.statuses for outcome in outcomes} == {(408,)}

    run("netbox", attack)


def test_who_is_not_known_by_a_token_sends_no_body():
    async def attack(target):
        outcomes = await flooding.slow(target, target.head([("Content-Length", "60000")]), b"x", count=10, within=2)
        assert {outcome.statuses for outcome in outcomes} == {(401,)}

    run("bearer", attack)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_random_changes(scheme):
    async def attack(target):
        assert await flooding.random_bytes(target, count=500, seed=len(scheme)) > 250

    run(scheme, attack)
    gc.collect()
    assert sum(isinstance(each, Protocol) for each in gc.get_objects()) < 10, "nothing of them stays"


@asynccontextmanager
async def console(directory):
    async with (
        site(directory, url="https://console.example.com") as made,
        listening(make_runner(made.parts), "127.0.0.1", 0, None, most=100, head_seconds=HEAD_SECONDS) as sockets,
    ):
        credentials = [("Authorization", f"Bearer {ANN.secret}")]
        yield Target("127.0.0.1", sockets[0].getsockname()[1], method="GET", body=b"", credentials=lambda _body: credentials, headers=())


def test_the_console(tmp_path):
    async def main():
        async with console(tmp_path) as target:
            await assert_strangers_are_refused(target)
            await assert_withstood(target)
            await flooding.pipelined(target)
            await flooding.idle(target, 300)
            await flooding.random_bytes(target, count=300, seed=7)
            await assert_serves(target)

    asyncio.run(main())


def test_the_attacks_are_many():
    assert len(ATTACKS) > 150
