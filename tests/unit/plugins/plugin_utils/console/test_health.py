# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What machines ask."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console import health
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Pause, Storm
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN


async def asked(site, path: str) -> tuple[int, dict]:
    status, text = await site.get(path)
    return status, json.loads(text)


def test_all_is_well(visit):
    async def scenario(site):
        site.conditions["monitors"] = Condition()
        site.conditions["monitors"].started(1769860800.0)
        await site.add_case(state="waiting")
        assert await asked(site, "/healthz") == (
            200,
            {
                "status": "ok",
                "store": {"status": "ok"},
                "engine": {"ready": True},
                "mode": "enforce",
                "children": {"monitors": {"state": "running", "restarts": 0}},
                "cases": {"waiting": 1},
                "pauses": [],
                "storm": None,
            },
        )
        assert await asked(site, "/readyz") == (200, {"ready": True, "missing": []})

    visit(scenario)


def test_a_source_that_fails_is_told_and_no_reason_to_restart(visit):
    async def scenario(site):
        condition = site.conditions["monitors"] = Condition()
        for _attempt in range(3):
            condition.started(1769860800.0)
            condition.failed("OSError: address in use", 1769860801.0)
        status, body = await asked(site, "/healthz")
        assert (status, body["status"]) == (200, "degraded")
        failure = {"last_error": "OSError: address in use", "last_error_at": "2026-01-31T12:00:01Z"}
        assert body["children"]["monitors"] == {"state": "failed", "restarts": 2, **failure}
        assert (await asked(site, "/readyz"))[0] == 200

    visit(scenario)


def test_what_a_source_cannot_do_is_told_although_it_runs(visit):
    async def scenario(site):
        condition = site.conditions["aws"] = Condition()
        condition.started(1769860800.0)
        condition.troubles["queues[0]"] = "AccessDenied"
        status, body = await asked(site, "/healthz")
        assert (status, body["status"]) == (200, "degraded")
        assert body["children"]["aws"] == {"state": "running", "restarts": 0, "troubles": {"queues[0]": "AccessDenied"}}
        assert "Source aws has trouble" in (await site.get("/"))[1]
        condition.troubles.clear()
        assert (await asked(site, "/healthz"))[1]["status"] == "ok"

    visit(scenario)


def test_a_pause_and_a_storm_are_no_illness(visit):
    async def scenario(site):
        since = 1769860800.0
        pause = Pause({"host": "web-*"}, since, "ann", "deploying", time.time() + 60)
        await site.store.run(lambda tx: (tx.add_pause(pause), tx.save_storm(Storm(since, 161, 200), now=since)))
        for number, hosts in enumerate([("web-01",), ("web-01", "web-02"), ()]):
            await site.add_case(number, hosts=hosts)
        status, body = await asked(site, "/healthz")
        assert (status, body["status"]) == (200, "ok")
        assert body["storm"] == {"since": "2026-01-31T12:00:00Z", "began_with": 161, "known_hosts": 200, "unhealthy": 2, "released_by": ""}
        (told,) = body["pauses"]
        assert (told["match"], told["by"], told["why"], told["since"]) == ({"host": "web-*"}, "ann", "deploying", "2026-01-31T12:00:00Z")

    visit(scenario)


@pytest.mark.parametrize("listen", [{"host": "0.0.0.0"}, {"url": "https://eventops.example.com"}])
def test_where_reading_needs_a_token_so_does_who_has_paused_and_why(visit, listen):
    async def scenario(site):
        await site.order("/pause", {"host": "web-*", "why": "the merger"})
        (told,) = (await asked(site, "/healthz"))[1]["pauses"]
        assert told["match"] == {"host": ["web-*"]} and not told.keys() & {"by", "why"}
        _status, text = await site.get("/healthz", headers={"Authorization": f"Bearer {ANN.secret}"})
        (told,) = json.loads(text)["pauses"]
        assert (told["by"], told["why"]) == ("ann", "the merger")

    visit(scenario, **listen)


def test_until_the_engine_takes_dispatches_it_is_alive_and_not_ready(visit):
    async def scenario(site):
        site.is_ready = False
        status, body = await asked(site, "/healthz")
        assert (status, body["engine"]) == (200, {"ready": False})
        assert await asked(site, "/readyz") == (503, {"ready": False, "missing": ["the engine takes no dispatches yet"]})

    visit(scenario)


def test_a_store_that_cannot_be_used_makes_it_unhealthy(visit):
    async def scenario(site):
        async def fails(_function):
            raise StoreUnavailable("the store could not commit: database or disk is full")

        works, site.store.run = site.store.run, fails
        status, body = await asked(site, "/healthz")
        assert (status, body["status"]) == (503, "failing")
        assert body["store"] == {"status": "failing", "error": "the store could not commit: database or disk is full"}
        assert await asked(site, "/readyz") == (503, {"ready": False, "missing": ["the store cannot be used"]})
        assert (await site.get("/"))[0] == 503 and (await site.get("/cases"))[0] == 503
        site.store.run = works
        assert (await asked(site, "/healthz"))[0] == 200 and (await site.get("/"))[0] == 200

    visit(scenario)


def test_a_store_that_does_not_answer_makes_it_unhealthy(visit, monkeypatch):
    monkeypatch.setattr(health, "_PATIENCE_SECONDS", 0.1)

    async def scenario(site):
        async def hangs(_function):
            await asyncio.Event().wait()

        works, site.store.run = site.store.run, hangs
        status, body = await asked(site, "/healthz")
        assert (status, body["store"]["error"]) == (503, "the store has not answered for 0.1 s")
        site.store.run = works

    visit(scenario)


def test_metrics_are_those_of_the_router(visit):
    async def scenario(site):
        await site.add_case(state="waiting")
        async with site.browser.get(site.url + "/metrics") as response:
            text = await response.text()
            assert (response.status, response.headers["Content-Type"].split(";")[0]) == (200, "text/plain")
        assert 'eventops_store_up 1.0' in text and "# TYPE eventops" in text

    visit(scenario)


def test_a_monitor_may_ask_with_head(visit):
    async def scenario(site):
        async with site.browser.head(site.url + "/healthz") as response:
            assert (response.status, await response.read()) == (200, b"")

    visit(scenario)
