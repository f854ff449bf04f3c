# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying a dispatch out: what reaches the engine, and what becomes of a dispatch when the router is told to stop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.router import dispatching
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import RouterConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import pausing
from ansible_collections.eventops.infra.plugins.plugin_utils.router.dispatching import Dispatcher
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.performed import Performed

from .cases.life import Life


@dataclass
class Engine:
    """An engine whose rules start one playbook each, which leaves no trace."""

    parallel: bool = True
    put: list[dict] = field(default_factory=list)
    inventories: list[object] = field(default_factory=list)
    read: Callable[[], object] = lambda: None

    def ask_before_late_actions(self, may_begin) -> None:
        pass

    def close(self) -> None:
        pass

    async def perform(self, event, began, parked) -> Performed:
        self.put.append(event)
        self.inventories.append(self.read())
        began(1)
        return Performed(True, ["run_playbook"])


@pytest.fixture(name="life")
def _life(tmp_path):
    life = Life(tmp_path)
    yield life
    life.store.close()


def dispatcher(life: Life, engine: Engine) -> Dispatcher:
    config = RouterConfig(
        store=life.store.path,
        inventory=None,
        children=(),
        neutralize="replace",
        redact=(),
        max_event_bytes=1_000_000,
        retention=1e6,
        policy=life.policy,
        listen=None,
        log=None,
    )
    return Dispatcher(config, life.store, Inventory(None), engine, life.planner, lambda: None, source_name="router", generation="now")


def test_a_dispatch_is_put_and_what_left_no_trace_is_a_failed_attempt(life):
    case, engine = life.event(), Engine()

    async def scenario():
        await dispatcher(life, engine).fly(life.plan())

    asyncio.run(scenario())
    (event,) = engine.put
    assert (event["meta"]["hosts"], event["events"][0]["case"]) == (["web-01"], case.id)
    assert life.case(case.id).state == "waiting" and "nothing ran" in life.case(case.id).reason


def test_what_was_planned_when_the_router_is_told_to_stop_is_left_to_the_next_life(life):
    case, engine = life.event(), Engine()
    planned = life.plan()

    async def scenario():
        stopping = dispatcher(life, engine)
        stopping.close()
        await stopping.fly(planned)

    asyncio.run(scenario())
    assert engine.put == [] and life.states(case) == ["dispatched"]
    assert [dispatch.uuid for dispatch in life.store.run_now(lambda tx: tx.unfinished_dispatches())] == [planned.dispatch.uuid]


def test_a_pause_that_begins_after_the_plan_holds_it_all_the_same(life):
    case, engine = life.event(), Engine()
    planned = life.plan()
    life.store.run_now(lambda tx: pausing.pause(tx, {"host": "web-01"}, by="anna", now=life.now))

    async def scenario():
        await dispatcher(life, engine).fly(planned)

    asyncio.run(scenario())
    life.in_flight.clear()
    life.now = time.time()
    assert engine.put == [] and life.states(case) == ["open"]
    assert life.plan() is None
    held = life.case(case.id)
    assert (held.state, held.waits_for, held.attempt) == ("waiting", "pause", 0), "and has lost no attempt"


def _declare(life: Life, number: int):
    connections = {"vm-1": {"ansible_host": f"192.0.2.{number}"}}
    return life.event("netbox.virtualmachine.ready", hosts=("vm-1",), dedup_key=f"netbox/{number}", data={"id": number}, connections=connections)


def test_a_run_reads_how_its_own_machine_is_reached_and_rules_read_nothing_of_it(life):
    file = life.store.directory / "inventory.json"
    engine = Engine(read=lambda: json.loads(file.read_text())["hosts"])
    cases = [_declare(life, 1), _declare(life, 2)]

    async def scenario():
        flying = dispatcher(life, engine)
        await flying.fly(life.plan())
        life.in_flight.clear()
        await flying.fly(life.plan())

    asyncio.run(scenario())
    assert engine.inventories == [{"vm-1": {"ansible_host": "192.0.2.1"}}, {"vm-1": {"ansible_host": "192.0.2.2"}}]
    assert "192.0.2." not in json.dumps(engine.put) and [each["case"]["id"] for each in engine.put] == [case.id for case in cases]


def test_a_run_that_could_not_read_how_its_machine_is_reached_does_not_begin(life, monkeypatch):
    monkeypatch.setattr(dispatching, "_WRITE_AGAIN_SECONDS", 0.01)
    engine, case = Engine(), _declare(life, 1)
    in_the_way = life.store.directory / "inventory.tmp"
    in_the_way.mkdir()

    async def scenario():
        flying = asyncio.create_task(dispatcher(life, engine).fly(life.plan()))
        await asyncio.sleep(0.1)
        assert engine.put == [] and life.states(case) == ["dispatched"]
        in_the_way.rmdir()
        await flying

    asyncio.run(scenario())
    assert len(engine.put) == 1
