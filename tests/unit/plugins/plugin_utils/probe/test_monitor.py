# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import socket

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.monitor import Monitor
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import read_settings

QUICK = {"interval": 0.1, "timeout": 0.5, "rise": 2, "fall": 2}


class Queue:
    """What the router gives a source, in memory; `refuses` makes put fail as a store that cannot be written does."""

    def __init__(self, hostvars=None):
        self.events = []
        self.refuses = False
        self.refused = []
        self.ask = None
        self.hosts = hostvars
        self.inventory = self
        self.blocked_hosts = set()

    async def put(self, event):
        if event["subject"] in self.blocked_hosts:
            await asyncio.Event().wait()
        if self.refuses:
            self.refused.append(event)
            raise web.HTTPServiceUnavailable()
        self.events.append(event)

    async def hostvars(self):
        if self.hosts is None:
            raise RuntimeError("the inventory is broken")
        return self.hosts

    def confirm_with(self, ask):
        self.ask = ask

    def said(self, host="web-01"):
        return [event["type"] for event in self.events if event["subject"] == host]


class Service:
    """A small web service that can be taken down and brought back on its port."""

    def __init__(self):
        self.status = 200
        self._runner = None
        self.port = 0

    async def start(self):
        app = web.Application()
        app.router.add_get("/", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.2", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self):
        await self._runner.cleanup()

    async def _answer(self, _request):
        return web.Response(status=self.status)

    def entry(self, **options):
        return {"name": "web", "http": {"url": f"http://127.0.0.2:{self.port}/"}, **options}


@contextlib.asynccontextmanager
async def serving():
    service = Service()
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


@contextlib.asynccontextmanager
async def watching(queue, repeat_seconds=300, **args):
    settings = dataclasses.replace(read_settings({**QUICK, **args}), repeat_seconds=repeat_seconds)
    task = asyncio.create_task(Monitor(settings, queue, source="probe:test").run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition, seconds=5):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def a_closed_port():
    with socket.create_server(("127.0.0.2", 0)) as server:
        return server.getsockname()[1]


def test_a_service_that_falls_and_rises_again():
    async def run():
        queue = Queue()
        async with serving() as service, watching(queue, checks=[service.entry(host="web-01")]):
            await until(lambda: queue.said() == ["alert.resolved"])
            await service.stop()
            await until(lambda: queue.said() == ["alert.resolved", "alert.firing"])
            await service.start()
            await until(lambda: queue.said() == ["alert.resolved", "alert.firing", "alert.resolved"])
            await asyncio.sleep(0.4)
        return queue.events

    first, firing, resolved = asyncio.run(run())
    assert firing["data"]["value"] == "connection refused"
    assert first["dedup_key"] == firing["dedup_key"] == resolved["dedup_key"] == "alert/ServiceDown/web-01/web"
    assert resolved["data"]["starts_at"] == firing["data"]["starts_at"] < resolved["data"]["ends_at"]
    assert len({first["id"], firing["id"], resolved["id"]}) == 3


def test_a_single_failure_is_no_outage():
    async def run():
        queue = Queue()
        async with serving() as service, watching(queue, checks=[service.entry(host="web-01", fall=1000)], resolve_at_start=False):
            for _each in range(5):
                service.status = 503 if service.status == 200 else 200
                await asyncio.sleep(0.15)
        return queue.events

    assert asyncio.run(run()) == []


def test_an_outage_is_repeated_while_it_lasts_each_time_as_an_event_of_its_own():
    async def run():
        queue = Queue()
        check = {"host": "web-01", "tcp": {"address": "127.0.0.2", "port": a_closed_port()}}
        async with watching(queue, repeat_seconds=0.3, checks=[check]):
            await until(lambda: len(queue.events) == 3)
        return queue.events

    events = asyncio.run(run())
    assert {event["type"] for event in events} == {"alert.firing"}
    assert {event["data"]["name"] for event in events} == {"HostDown"}
    assert len({event["id"] for event in events}) == 3
    assert len({event["data"]["starts_at"] for event in events}) == 1


def test_an_edge_that_could_not_be_handed_over_is_handed_over_later_as_the_same_event():
    async def run():
        queue = Queue()
        queue.refuses = True
        async with serving() as service, watching(queue, checks=[service.entry(host="web-01")], resolve_at_start=False):
            service.status = 500
            await until(lambda: len(queue.refused) >= 3)
            queue.refuses = False
            await until(lambda: queue.events)
            queue.refuses = True
            service.status = 200
            await until(lambda: queue.refused[-1]["type"] == "alert.resolved")
            queue.refuses = False
            await until(lambda: len(queue.events) == 2)
            await asyncio.sleep(0.3)
        return queue

    queue = asyncio.run(run())
    assert queue.said() == ["alert.firing", "alert.resolved"]
    assert {event["id"] for event in queue.refused} == {event["id"] for event in queue.events}


def test_a_receiver_that_takes_its_time_with_one_target_holds_up_no_other():
    async def run():
        queue = Queue()
        queue.blocked_hosts = {"stuck"}
        port = a_closed_port()
        checks = [{"host": host, "tcp": {"address": "127.0.0.2", "port": port}} for host in ("stuck", "free")]
        async with watching(queue, checks=checks, max_concurrent=1):
            await until(lambda: queue.said("free") == ["alert.firing"])

    asyncio.run(run())


def test_the_router_can_ask_whether_a_problem_is_over():
    async def run():
        queue = Queue()
        async with serving() as service, watching(queue, checks=[service.entry(host="web-01", interval=5)]):
            service.status = 500
            await until(lambda: queue.ask)
            event = {"dedup_key": "alert/ServiceDown/web-01/web", "data": {"monitor": "probe"}}
            while_down = await queue.ask(event)
            service.status = 200
            after_repair = await queue.ask(event)
            strangers = [
                await queue.ask({**event, "dedup_key": "alert/ServiceDown/web-02/web"}),
                await queue.ask({**event, "data": {"monitor": "alertmanager"}}),
                await queue.ask({}),
            ]
        return while_down, after_repair, strangers, await queue.ask(event)

    while_down, after_repair, strangers, after_the_end = asyncio.run(run())
    assert (while_down, after_repair) == ("firing", "resolved")
    assert strangers == [None, None, None]
    assert after_the_end is None


def test_an_answer_counts_as_a_result_so_that_a_later_failure_is_a_new_edge():
    async def run():
        queue = Queue()
        async with serving() as service, watching(queue, checks=[service.entry(host="web-01", rise=1, fall=1)]):
            service.status = 500
            await until(lambda: queue.said()[-1:] == ["alert.firing"])
            service.status = 200
            assert await queue.ask(queue.events[-1]) == "resolved"
            await until(lambda: queue.said()[-1] == "alert.resolved")
            service.status = 500
            await until(lambda: queue.said()[-1] == "alert.firing")

    asyncio.run(run())


def services_of(service, **check):
    url = "http://{{ ansible_host }}:{{ web_port }}/"
    return {"ansible_host": "127.0.0.2", "web_port": service.port, "eventops_services": [{"name": "web", "check": {"http": {"url": url}, **check}}]}


def test_what_is_watched_follows_the_inventory():
    async def run():
        async with serving() as service:
            queue = Queue({"web-01": services_of(service)})
            async with watching(queue, inventory_checks="eventops_services"):
                await until(lambda: queue.said("web-01") == ["alert.resolved"])
                queue.hosts = {**queue.hosts, "web-02": services_of(service, alert="ShopDown")}
                await until(lambda: queue.said("web-02") == ["alert.resolved"])
                service.status = 500
                await until(lambda: queue.said("web-01")[-1] == queue.said("web-02")[-1] == "alert.firing")
                queue.hosts = {"web-02": queue.hosts["web-02"]}
                await until(lambda: queue.said("web-01")[-1] == "alert.resolved")
                await asyncio.sleep(0.3)
            return queue

    queue = asyncio.run(run())
    gone = [event for event in queue.events if event["subject"] == "web-01"][-1]
    assert gone["data"]["summary"] == "web on web-01 is not checked any more"
    assert queue.said("web-01") == ["alert.resolved", "alert.firing", "alert.resolved"]
    assert queue.said("web-02") == ["alert.resolved", "alert.firing"]


def test_an_inventory_with_mistakes_or_none_at_all_leaves_what_was_watched_in_place():
    async def run():
        async with serving() as service:
            queue = Queue({"web-01": services_of(service)})
            async with watching(queue, inventory_checks="eventops_services"):
                await until(lambda: queue.said("web-01") == ["alert.resolved"])
                queue.hosts = {"web-01": {"eventops_services": "oops"}, "web-02": services_of(service)}
                await until(lambda: queue.said("web-02") == ["alert.resolved"])
                queue.hosts = None
                await asyncio.sleep(0.2)
                service.status = 500
                await until(lambda: queue.said("web-01")[-1] == queue.said("web-02")[-1] == "alert.firing")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("hostvars", "mistake"),
    [
        ({"web-01": {"eventops_services": [{"name": "web", "check": {"htp": {}}}]}}, "web-01.eventops_services[0].check.htp: unknown key, did you mean http?"),
        ({}, "inventory_checks: needs hosts, but the inventory has none"),
    ],
)
def test_at_the_start_mistakes_in_the_inventory_end_the_source(hostvars, mistake):
    async def run():
        async with watching(Queue(hostvars), inventory_checks="eventops_services") as task, asyncio.timeout(2):
            await task

    with pytest.raises(ConfigurationError, match=re.escape(mistake)):
        asyncio.run(run())


def test_a_target_that_returns_before_its_farewell_was_heard_is_still_known():
    async def run():
        async with serving() as service:
            hostvars = {"web-01": services_of(service)}
            queue = Queue(hostvars)
            async with watching(queue, inventory_checks="eventops_services"):
                service.status = 500
                await until(lambda: queue.said() == ["alert.firing"])
                queue.refuses = True
                queue.hosts = {}
                await until(lambda: queue.refused)
                queue.hosts = dict(hostvars)
                await asyncio.sleep(0.3)
                queue.refuses = False
                # the farewell may have arrived, so the outage is said again
                await until(lambda: queue.said()[-1] == "alert.firing" and len(queue.events) == 2)

    asyncio.run(run())


def test_a_cancelled_probe_leaves_nothing_behind_and_stays_cancelled(tmp_path):
    async def run():
        queue = Queue()
        before = set(os.listdir("/proc/self/fd"))
        closing = asyncio.Event()

        async def hang(_reader, writer):
            await closing.wait()
            writer.close()

        async with await asyncio.start_server(hang, "127.0.0.2", 0) as server:
            url = f"http://127.0.0.2:{server.sockets[0].getsockname()[1]}/"
            checks = [
                {"host": "a", "command": ["sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 60; :"], "timeout": 60},
                {"host": "b", "http": {"url": url}, "timeout": 60},
            ]
            async with watching(queue, checks=checks) as task:
                await until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert task.cancelled()
            closing.set()
            await asyncio.sleep(0.05)
        left = {other for other in asyncio.all_tasks() if other is not asyncio.current_task()}
        await asyncio.sleep(0.05)
        return left, set(os.listdir("/proc/self/fd")) - before, int((tmp_path / "pid").read_text())

    tasks, files, pid = asyncio.run(run())
    assert not tasks
    assert len(files) <= 1  # the listing itself
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
