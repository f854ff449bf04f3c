# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the events are about: filters, readiness in its time, and what other objects alter."""

from __future__ import annotations

import asyncio

from .followed import SECRET, VM, free_port, repeated, webhook


def test_objects_outside_the_filters_are_not_told_of(followed, documented, netbox, ways):
    tag = netbox.create("extras.tag", name="managed", slug="managed")
    managed_before = documented.ready_vm("before", "10.0.0.1/24", tags=[tag["id"]])
    other_before = documented.ready_vm("other", "10.0.0.2/24")
    source = followed(**ways, filters={"tag": "managed"})

    async def scene():
        async with source.running():
            await source.until_begun()
            ours = documented.vm("ours", tags=[tag["id"]])
            others = documented.vm("others")
            netbox.update(VM, other_before, comments="x")
            netbox.update(VM, managed_before, comments="x")
            await source.until(lambda: source.told(managed_before) == ["updated"] and source.told(ours) == ["created"])
            for vm in (others, other_before, managed_before, ours):
                netbox.delete(VM, vm)
            await source.until(lambda: source.told(managed_before) == ["updated", "deleted"] and source.told(ours) == ["created", "deleted"])
            await asyncio.sleep(1.5)
            return others

    others = asyncio.run(scene())
    assert source.told(others, other_before) == []


def test_an_object_that_has_left_the_filters_is_told_of_no_more_until_it_is_back(followed, documented, netbox, ways):
    tag = netbox.create("extras.tag", name="managed", slug="managed")
    gone, back = (documented.ready_vm(name, f"10.0.0.{number}/24", tags=[tag["id"]]) for number, name in enumerate(("gone", "back"), 1))
    source = followed(**ways, filters={"tag": "managed"})

    async def scene():
        async with source.running():
            await source.until_begun()
            for vm in (gone, back):
                netbox.update(VM, vm, tags=[])
            await source.until(lambda: [text.endswith("true]") for text in source.remembered("object/").values()] == [True, True])
            netbox.delete(VM, gone)
            netbox.update(VM, back, tags=[tag["id"]])
            await source.until(lambda: source.told(back) == ["updated"])
            netbox.delete(VM, back)
            await source.until(lambda: source.told(back) == ["updated", "deleted"])
            await asyncio.sleep(1.5)

    asyncio.run(scene())
    assert source.told(gone) == []


def test_a_config_context_is_told_of_though_the_machine_was_updated_meanwhile(followed, documented, netbox):
    healed = netbox.create("extras.tag", name="healed", slug="healed")
    commented, ours = documented.ready_vm("commented", "10.0.0.1/24"), documented.ready_vm("ours", "10.0.0.2/24")
    source = followed(feedback={"tags": {"resolved": "healed"}}, catch_up={"interval": 2, "overlap": 5})

    async def scene():
        async with source.running():
            await source.until_begun()
            with netbox.transaction() as changes:  # so that all is read at once
                context = {"name": "all", "weight": 100, "clusters": [documented.cluster["id"]], "data": {"a": 1}}
                changes.create("extras.configcontext", **context)
                changes.update(VM, commented, comments="x")
                changes.update(VM, ours, tags=[healed["id"]])
            await source.until(lambda: source.told(ours) == ["updated"] and source.told(commented) == ["updated", "updated"])

    asyncio.run(scene())
    assert [event.data["changed"] for event in source.events() if event.data["object"]["id"] == ours] == [["config_context"]]


def test_a_machine_that_is_not_ready_in_time_is_told_of_and_still_when_it_is(followed, documented, ways, monkeypatch):
    monkeypatch.setattr("ansible_collections.eventops.infra.plugins.plugin_utils.netbox.settings.LOOKING_SECONDS", 1.0)
    source = followed(**ways, ready={"within": 2})

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.vm("web01")
            planned = documented.vm("web02", status="planned")
            await source.until(lambda: source.told(vm) == ["created", "not_ready"])
            documented.make_primary(vm, documented.address(vm, "10.0.0.11/24"))
            await source.until(lambda: source.told(vm) == ["created", "not_ready", "ready"])
            return planned

    planned = asyncio.run(scene())
    assert source.told(planned) == ["created"]


def test_more_can_be_needed_than_an_address(followed, documented, netbox):
    source = followed(ready={"fields": {VM: ["primary_ip", "config_context.ansible_roles"]}})

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await source.until(lambda: source.told(vm) == ["created"])
            await asyncio.sleep(1.5)
            assert source.told(vm) == ["created"]
            netbox.create("extras.configcontext", name="web", weight=100, clusters=[documented.cluster["id"]], data={"ansible_roles": ["baseline"]})
            await source.until(lambda: source.told(vm) == ["created", "ready"])

    asyncio.run(scene())
    assert source.events()[-1].data["object"]["config_context"] == {"ansible_roles": ["baseline"]}


def test_a_changed_config_context_is_an_update_of_the_machines_it_applies_to(followed, documented, netbox, ways):
    source = followed(**ways)
    tag = netbox.create("extras.tag", name="Data base", slug="db")
    contexts = []

    async def scene():
        async with source.running():
            await source.until_begun()
            web, database = documented.ready_vm("web", "10.0.0.1/24"), documented.ready_vm("db", "10.0.0.2/24", tags=[tag["id"]])
            await source.until(lambda: source.told(web) == source.told(database) == ["created", "ready"])
            contexts.append(netbox.create("extras.configcontext", name="all", weight=100, clusters=[documented.cluster["id"]], data={"a": 1})["id"])
            await source.until(lambda: source.told(web).count("updated") == source.told(database).count("updated") == 1)
            contexts.append(netbox.create("extras.configcontext", name="db", weight=200, tags=["db"], data={"a": 2})["id"])
            await source.until(lambda: source.told(database).count("updated") == 2)
            # For the data base it is overridden by the other one.
            netbox.update("extras.configcontext", contexts[0], data={"a": 3})
            await source.until(lambda: source.told(web).count("updated") == 2)
            netbox.update("extras.configcontext", contexts[0], description="changes nothing for anybody")
            netbox.delete("extras.configcontext", contexts[1])
            await source.until(lambda: source.told(database).count("updated") == 3)
            await asyncio.sleep(1.5)
            return web, database

    web, database = asyncio.run(scene())
    assert (source.told(web).count("updated"), source.told(database).count("updated")) == (2, 3)
    updates = [event for event in source.events() if event.type.endswith("updated")]
    assert {tuple(event.data["changed"]) for event in updates} == {("config_context",)}
    assert updates[-1].data["object"]["config_context"] == {"a": 3}
    assert updates[-1].hosts == ("db",)


def test_what_belongs_to_a_machine_can_be_read_with_it(followed, documented):
    source = followed(include=["interfaces", "ip_addresses"])

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            await source.until(lambda: source.told(vm) == ["created", "ready"])

    asyncio.run(scene())
    thing = source.events()[-1].data["object"]
    assert [each["name"] for each in thing["interfaces"]] == ["eth0"]
    assert [each["address"] for each in thing["ip_addresses"]] == ["10.0.0.11/24"]
    assert not {"config_context", "tags", "custom_fields"} & thing.keys()


def test_a_context_that_is_looked_into_before_a_new_machine_does_not_tell_of_it_first(followed, documented, netbox):
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", ["extras.configcontext"], secret=SECRET)
    source = followed(webhook=webhook(port), catch_up={"interval": 3, "overlap": 5})

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "10.0.0.11/24")
            netbox.create("extras.configcontext", name="web", weight=100, clusters=[documented.cluster["id"]], data={"a": 1})
            await source.until(lambda: "ready" in source.told(vm))
            await asyncio.sleep(4)
            return vm

    vm = asyncio.run(scene())
    assert source.told(vm)[:2] == ["created", "ready"]
    assert set(source.told(vm)[2:]) <= {"updated"}
    assert not repeated(source.events())


def test_a_machine_whose_context_is_too_deep_for_an_event_holds_up_no_other(followed, documented):
    context: object = 1
    for _level in range(300):
        context = {"a": context}
    source = followed()

    async def scene():
        async with source.running():
            await source.until_begun()
            deep = documented.ready_vm("deep", "10.0.0.11/24", local_context_data=context)
            other = documented.ready_vm("other", "10.0.0.12/24")
            await source.until(lambda: source.told(deep) == source.told(other) == ["created", "ready"])
            return deep

    deep = asyncio.run(scene())
    ready = next(event for event in source.events() if event.type.endswith("ready") and event.data["object"]["id"] == deep)
    assert ready.data["object"]["config_context"].startswith("[left out: nested more than")


def test_a_context_for_hundreds_of_sites_holds_up_nothing(followed, documented, netbox):
    source = followed()
    sites = [netbox.create("dcim.site", name=f"site {number}", slug=f"site-{number}")["id"] for number in range(900)]

    async def scene():
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web", "10.0.0.11/24")
            await source.until(lambda: source.told(vm) == ["created", "ready"])
            netbox.create("extras.configcontext", name="all", weight=100, sites=[documented.site["id"], *sites], data={"a": 1})
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])

    asyncio.run(scene())


def test_a_machine_that_comes_into_the_filters_later_is_ready_then_and_not_only_updated(followed, documented, netbox, ways):
    tag = netbox.create("extras.tag", name="managed", slug="managed")
    vm = documented.ready_vm("web01", "10.0.0.11/24")
    source = followed(**ways, filters={"tag": "managed"})

    async def scene():
        async with source.running():
            await source.until_begun()
            netbox.update(VM, vm, comments="not ours yet")
            await asyncio.sleep(1.5)
            assert source.told(vm) == []
            netbox.update(VM, vm, tags=[tag["id"]])
            await source.until(lambda: source.told(vm) == ["ready"])
            netbox.update(VM, vm, comments="x")
            await source.until(lambda: source.told(vm) == ["ready", "updated"])

    asyncio.run(scene())
