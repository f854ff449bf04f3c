# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The first start: nothing of what comes after it is lost, and nothing is told of what was before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from .followed import SECRET, VM, Documented, free_port, is_open, webhook


@pytest.mark.parametrize("start", ["now", "2026-01-31T13:00:00Z", "all"])
def test_the_end_of_a_machine_that_was_there_before_is_told(followed, netbox, start):
    clock = datetime(2026, 1, 31, 12, tzinfo=UTC)
    netbox.now = lambda: clock
    documented = Documented(netbox)
    tag = netbox.create("extras.tag", name="managed", slug="managed")
    vm = documented.ready_vm("web01", "10.0.0.1/24", tags=[tag["id"]])
    clock += timedelta(minutes=30)
    netbox.prune_before(clock)  # NetBox keeps its change log for a time only
    clock += timedelta(hours=1)
    source = followed(filters={"tag": "managed"}, catch_up={"interval": 1, "overlap": 5, "from": start})

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.delete(VM, vm)
            await source.until(lambda: source.told(vm) == ["deleted"])

    asyncio.run(scene())
    assert source.events()[-1].connections["web01"] == {"ansible_host": "10.0.0.1"}


def test_nothing_before_the_time_is_told_though_it_is_within_the_overlap(followed, netbox):
    clock = datetime(2026, 1, 31, 12, 59, 58, tzinfo=UTC)
    netbox.now = lambda: clock
    documented = Documented(netbox)
    before = documented.vm("before")
    clock += timedelta(seconds=4)
    after = documented.vm("after")
    source = followed(catch_up={"interval": 1, "overlap": 5, "from": "2026-01-31T13:00:00Z"})

    async def scene():
        async with source.running():
            await source.until(lambda: "created" in source.told(after))
            await asyncio.sleep(1.5)

    asyncio.run(scene())
    assert source.told(before) == []


def test_what_a_webhook_said_before_netbox_answered_is_told(followed, documented, netbox, monkeypatch):
    monkeypatch.setattr("ansible_collections.eventops.infra.plugins.plugin_utils.netbox.source._UNREACHABLE_PAUSE_SECONDS", 0.2)
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", [VM], secret=SECRET)
    old = documented.ready_vm("old", "10.0.0.1/24")
    source = followed(webhook=webhook(port), catch_up={"interval": 1, "overlap": 1})

    async def scene():
        netbox.fail(503)
        async with source.running():
            await source.until(lambda: is_open(port))
            new = documented.ready_vm("new", "10.0.0.2/24")
            await source.until(lambda: len(source.remembered("hint/")) == 2)
        async with source.running():  # after a restart, too
            await asyncio.sleep(1.5)
            netbox.heal()
            await source.until(lambda: source.told(new) == ["created", "ready"])
            await asyncio.sleep(1.5)
            assert source.remembered("hint/") == {}
        return new

    new = asyncio.run(scene())
    assert source.told(new) == ["created", "ready"]
    assert source.told(old) == []


def test_what_is_changed_while_the_first_start_fails_is_told(followed, documented, netbox):
    """The tag that the filter names is not there yet: NetBox refuses the question for the objects, and answers when somebody has made it."""
    source = followed(filters={"tag": "managed"})

    def was_refused():
        """It has looked when now is, and was refused after that."""
        asked = list(netbox.requests)
        looked = next((number for number, each in enumerate(asked) if each.path.endswith("/object-changes/")), len(asked))
        return any(each.status == 400 for each in asked[looked:])

    async def scene():
        async with source.running():
            await source.until(was_refused)
            tag = netbox.create("extras.tag", name="Managed", slug="managed")["id"]
            vm = documented.ready_vm("web01", "10.0.0.11/24", tags=[tag])
            await source.until(lambda: source.told(vm) == ["created", "ready"], 30)

    asyncio.run(scene())
