# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox fails, is upgraded or forgets; the source is stopped, and its first start begins somewhere."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox

from .followed import VM, Documented, Followed, repeated


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"status": 429}, {"drop": True}, {"status": 502, "path": "virtual-machines"}])
def test_a_netbox_that_fails_is_asked_again_until_it_answers(followed, documented, netbox, fault):
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.fail(**fault)
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await asyncio.sleep(3)
            assert source.events() == []
            netbox.heal()
            await source.until(lambda: source.told(vm) == ["created", "ready"])

    asyncio.run(scene())
    assert not repeated(source.events())


def test_a_netbox_that_does_not_answer_is_given_up_in_time(followed, documented, netbox):
    source = followed(timeout=1)

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.fail(hang=60, times=2)
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await source.until(lambda: source.told(vm) == ["created", "ready"])

    asyncio.run(scene())


def test_a_netbox_that_is_down_at_the_start_is_waited_for(followed, documented, netbox, monkeypatch):
    monkeypatch.setattr("ansible_collections.eventops.infra.plugins.plugin_utils.netbox.source._UNREACHABLE_PAUSE_SECONDS", 0.2)
    source = followed()

    async def scene():
        with netbox.down():
            running = source.running()
            await running.__aenter__()
            await asyncio.sleep(0.5)
        await source.until_begun()
        vm = documented.ready_vm("web01", "10.0.0.11/24")
        await source.until(lambda: source.told(vm) == ["created", "ready"])
        await running.__aexit__(None, None, None)

    asyncio.run(scene())


def test_a_token_that_is_not_allowed_is_said_clearly_and_not_tried_over_and_over(followed, documented, netbox, caplog):
    source = followed(token=netbox.add_user("nobody", {VM: ["view"]}))
    caplog.set_level(logging.INFO)

    async def scene():
        async with source.running():
            await asyncio.sleep(3)

    asyncio.run(scene())
    assert netbox.counted()["GET", "/api/core/object-changes/"] <= 2
    (said,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "core/object-changes" in said and "403" in said and "permission" in said
    assert source.args["token"] not in caplog.text


def test_an_upgrade_in_between_loses_nothing(tmp_path):
    with running_netbox(version="4.0.11") as netbox:
        documented, source = Documented(netbox), Followed(tmp_path, netbox)

        async def scene():
            async with source.running():
                await source.until_begun()
                vm = documented.ready_vm("web01", "10.0.0.11/24")
                await source.until(lambda: source.told(vm) == ["created", "ready"])
                netbox.fail(503)
                netbox.update(VM, vm, comments="before the upgrade")
                netbox.version = "4.6.8"
                netbox.update(VM, vm, comments="after the upgrade")
                netbox.heal()
                await source.until(lambda: source.told(vm) == ["created", "ready", "updated", "updated"])

        asyncio.run(scene())


def test_what_happened_while_it_was_stopped_is_told_after_the_next_start(followed, documented, netbox):
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.vm("web01")
            await source.until(lambda: source.told(vm) == ["created"])
        documented.make_primary(vm, documented.address(vm, "10.0.0.11/24"))
        netbox.update(VM, vm, comments="x")
        async with source.running():
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])
        async with source.running():
            await asyncio.sleep(2.5)
        assert source.told(vm) == ["created", "ready", "updated"]

    asyncio.run(scene())
    assert not repeated(source.events())


def test_a_gap_in_the_change_log_is_told_with_its_size(followed, documented, netbox, caplog):
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
        for number in range(7):
            documented.vm(f"lost-{number}")
        netbox.prune_before(datetime.now(UTC) + timedelta(seconds=1))
        netbox.now = lambda: datetime.now(UTC) + timedelta(days=100)
        vm = documented.vm("web01")
        async with source.running():
            await source.until(lambda: source.told(vm) == ["created"])

    asyncio.run(scene())
    assert "up to 7 changes between" in caplog.text


@pytest.mark.parametrize(("start", "told"), [("now", []), ("all", ["created", "ready", "updated"])])
def test_the_first_start_begins_where_it_is_told(followed, documented, netbox, start, told):
    source = followed(catch_up={"interval": 1, "overlap": 5, "from": start})
    vm = documented.ready_vm("web01", "10.0.0.11/24")
    netbox.update(VM, vm, comments="x")

    async def scene():
        async with source.running():
            await source.until_begun()
            await source.until(lambda: source.told(vm) == told)
            netbox.update(VM, vm, comments="y")
            await source.until(lambda: source.told(vm) == [*told, "updated"])

    asyncio.run(scene())


def test_the_first_start_can_begin_at_a_time(followed, netbox):
    clock = datetime(2026, 1, 31, 12, tzinfo=UTC)
    netbox.now = lambda: clock
    documented = Documented(netbox)
    vm = documented.ready_vm("web01", "10.0.0.11/24")
    clock += timedelta(hours=2)
    netbox.update(VM, vm, comments="x")
    source = followed(catch_up={"interval": 1, "overlap": 5, "from": "2026-01-31T13:00:00Z"})

    async def scene():
        async with source.running():
            await source.until_begun()
            await source.until(lambda: source.told(vm) == ["updated"])
            await asyncio.sleep(1.5)

    asyncio.run(scene())
    assert source.told(vm) == ["updated"]


def test_a_filter_that_netbox_does_not_know_is_refused(followed, netbox):
    source = followed(filters={"tenant_nmae": "x"})

    async def scene():
        async with source.running() as task:
            await asyncio.wait({task}, timeout=20)
            return task.exception()

    error = asyncio.run(scene())
    assert isinstance(error, ConfigurationError)
    assert "tenant_nmae" in str(error)
