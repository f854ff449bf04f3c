# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A router's console without the rest of the router: real store, hub, controls and metrics, on a free port of this machine."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.console.app import make_parts, make_runner
from ansible_collections.eventops.infra.plugins.plugin_utils.console.settings import Listen, Token
from ansible_collections.eventops.infra.plugins.plugin_utils.console.status import Surroundings
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
from ansible_collections.eventops.infra.plugins.plugin_utils.router.bell import Bell
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy, Policy
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.hub import Hub
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.metrics import Metrics
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case

ANN, BOB = Token("ann", "the-token-of-ann-0123456789"), Token("bob", "the-token-of-bob-9876543210")


class Site:
    """A console that is being served, and a browser without cookies to ask it with.

    `conditions` and `is_ready` may be changed: what the console says of them follows.
    """

    def __init__(self, store: SqliteStore, hub: Hub, listen: Listen, mode: str) -> None:
        self.store = store
        self.mode = mode
        self.conditions: dict[str, Condition] = {}
        self.is_ready = True
        bell = Bell()
        intake = Intake(store, redact_words=DEFAULT_WORDS, max_event_bytes=1_048_576, accepted=bell.ring)
        self.controls = Controls(store, bell, intake, Policy(CasePolicy(mode=mode)))
        self.metrics = Metrics(version="1.2.3", sources=["monitors"])
        hub.add_sink(self.metrics)
        around = Surroundings(mode, lambda: self.conditions, lambda: self.is_ready)
        self.parts = make_parts(listen, store, self.controls, around, self.metrics)
        hub.subscribe(self.parts.live.changed)
        self.port = 0
        self.browser: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """The origin that browsers know it by."""
        return f"http://127.0.0.1:{self.port}"

    async def add_case(self, number: int = 1, why: str = "opened by the test", **changes):
        """Add a case of now; see examples.add_case."""
        now = time.time()
        times = {"opened_at": now, "updated_at": now, "due_at": now, "rank": now}
        return await self.store.run(lambda tx: add_case(tx, number, why, **{**times, **changes}))

    async def change(self, case, why: str = "changed by the test", **changes) -> None:
        """Write a case down as it is now."""
        await self.store.run(lambda tx: tx.save_case(replace(case, updated_at=time.time(), **changes), why))

    async def get(self, path: str, **options) -> tuple[int, str]:
        """Return status and text of a page; redirects are not followed."""
        async with self.browser.get(self.url + path, allow_redirects=False, **options) as response:
            return response.status, await response.text()

    async def post(self, path: str, fields: dict | None = None, **options) -> tuple[int, str]:
        """Return status and text of what a form gets."""
        async with self.browser.post(self.url + path, data=fields or {}, allow_redirects=False, **options) as response:
            return response.status, await response.text()

    async def order(self, path: str, fields: dict | None = None, token: Token = ANN) -> tuple[int, str]:
        """Do what a program does: post with a token."""
        return await self.post(path, fields, headers={"Authorization": f"Bearer {token.secret}"})

    async def sign_in(self, token: Token = ANN) -> str:
        """Sign the browser in; return what its forms carry."""
        status, _text = await self.post("/signin", {"token": token.secret})
        assert status == 303
        return await self.csrf()

    async def csrf(self) -> str:
        """Return what the forms of the browser's session carry."""
        _status, text = await self.get("/")
        return re.search(r'name="csrf" value="([^"]+)"', text)[1]


@asynccontextmanager
async def site(directory: Path, *, tokens: tuple[Token, ...] = (ANN, BOB), mode: str = "enforce", **listen) -> AsyncIterator[Site]:
    """Serve a console while the context lasts, over a store in a directory."""
    hub = Hub()
    store = SqliteStore(directory / "store.db", hub)
    made = Site(store, hub, Listen(**{"host": "127.0.0.1", "port": 5050, "tokens": tokens, **listen}), mode)
    runner = make_runner(made.parts)
    await runner.setup()
    try:
        served = web.TCPSite(runner, "127.0.0.1", 0)
        await served.start()
        made.port = runner.addresses[0][1]
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(20)) as made.browser:
            yield made
    finally:
        made.parts.live.close()
        await runner.cleanup()
        await asyncio.to_thread(store.close)


async def pauses(site: Site) -> list:
    """Return the pauses that hold."""
    return list((await site.controls.status()).pauses)


async def raw(site: Site, request: bytes) -> bytes:
    """Send bytes, and return all that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer
