# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the change log tells of is gone by the time it is read: NetBox refuses to be asked by it, and nothing is held up by that."""

from __future__ import annotations

import asyncio

from .followed import ADDRESS, VM

CONTEXT = "extras.configcontext"


def test_an_address_that_was_changed_and_deleted(followed, documented, netbox):
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
            one, other = documented.vm("one"), documented.ready_vm("other", "10.0.0.2/24")
            await source.until(lambda: source.told(other) == ["created", "ready"])
        gone = documented.address(one, "10.0.0.1/24")
        documented.make_primary(one, gone)
        netbox.update(ADDRESS, gone, address="10.0.0.3/24")
        moved = netbox.get(VM, other)["primary_ip4"]["id"]
        netbox.update(ADDRESS, moved, address="10.0.0.4/24")
        netbox.delete(ADDRESS, gone)
        async with source.running():
            await source.until(lambda: source.told(other) == ["created", "ready", "updated"])
            netbox.update(VM, other, comments="x")
            await source.until(lambda: source.told(other) == ["created", "ready", "updated", "updated"])

    asyncio.run(scene())
    assert source.events()[-2].connections["other"]["ansible_host"] == "10.0.0.4"


def test_a_config_context_for_what_was_deleted(followed, documented, netbox):
    source = followed()
    kind = netbox.create("virtualization.clustertype", name="esx", slug="esx")["id"]

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.1/24")
            await source.until(lambda: source.told(vm) == ["created", "ready"])
        sites = [documented.site["id"], netbox.create("dcim.site", name="gone", slug="gone")["id"]]
        for fields in ({"sites": sites[1:]}, {"cluster_types": [kind]}, {"clusters": [documented.cluster["id"]], "cluster_types": [kind]}):
            context = netbox.create(CONTEXT, name=f"{fields}"[:50], weight=100, data={"a": 1}, **fields)["id"]
            netbox.delete(CONTEXT, context)
        netbox.create(CONTEXT, name="stays", weight=100, data={"a": 2}, clusters=[documented.cluster["id"]])
        netbox.delete("dcim.site", sites[1])
        netbox.delete("virtualization.clustertype", kind)
        async with source.running():
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])
            netbox.update(VM, vm, comments="x")
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated", "updated"])

    asyncio.run(scene())
    assert source.events()[-2].data["changed"] == ["config_context"]
