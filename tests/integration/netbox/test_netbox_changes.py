# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes in NetBox become events, each once, by whichever way they are heard of."""

from __future__ import annotations

import asyncio

from .followed import VM, repeated


def test_the_way_of_a_machine(followed, documented, netbox, ways):
    source = followed(**ways)

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.vm("web01")
            await source.until(lambda: source.told(vm) == ["created"])
            address = documented.address(vm, "10.0.0.11/24")
            netbox.update(VM, vm, comments="no address yet")
            documented.make_primary(vm, address)
            await source.until(lambda: source.told(vm) == ["created", "ready"])
            netbox.update(VM, vm, comments="it has one")
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])
            netbox.update("ipam.ipaddress", address, address="10.0.0.12/24")
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated", "updated"])
            netbox.delete(VM, vm)
            await source.until(lambda: source.told(vm)[-1] == "deleted")
            await asyncio.sleep(1.5)  # one more reading
        return source.told(vm), source.events()

    kinds, events = asyncio.run(scene())
    assert [kind for kind in kinds if kind != "updated"] == ["created", "ready", "deleted"]
    ready = events[1]
    assert ready.connections["web01"]["ansible_host"] == "10.0.0.11"
    assert ready.data["changed"] == ["primary_ip4"]
    moved = events[3]
    assert moved.data["changed"] == ["primary_ip4"]
    assert moved.data["object"]["primary_ip4"]["address"] == "10.0.0.12/24"
    assert (moved.data["before"], moved.data["after"]) == ({"primary_ip4": "10.0.0.11/24"}, {"primary_ip4": "10.0.0.12/24"})
    assert events[-1].data["object"]["name"] == "web01"
    assert not repeated(events)
