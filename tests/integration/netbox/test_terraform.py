# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The flow of docs/terraform.md: what its HCL makes the provider send makes one machine ready, once, and its end is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.public_keys import public_keys
from ansible_collections.eventops.infra.tests.e2e.documents import block

from .followed import VM
from .lab import Api
from .terraform import Terraform

HCL = block("terraform.md", "hcl", "terraform {")


@pytest.fixture
def terraform(netbox: Any, documented: Any) -> Terraform:
    """Return the configuration of the page, over a NetBox that has what it refers to."""
    netbox.create("dcim.platform", name="Debian 12", slug="debian-12")
    netbox.create("extras.tag", name="managed", slug="managed")
    for name, kind in {"login_user": "text", "ssh_host_key": "longtext"}.items():
        netbox.create("extras.customfield", name=name, type=kind, object_types=[VM])
    return Terraform(Api(netbox.url, netbox.token), HCL)


def test_what_the_provider_sends_is_what_the_page_says(netbox, terraform):
    terraform.apply()

    assert [(asked.method, asked.path) for asked in netbox.requests if asked.method != "GET"] == [
        ("POST", "/api/virtualization/virtual-machines/"),
        ("POST", "/api/virtualization/interfaces/"),
        ("POST", "/api/ipam/ip-addresses/"),
        ("PUT", "/api/virtualization/virtual-machines/1/"),
    ]
    [vm] = netbox.virtual_machines
    assert (vm["name"], vm["status"]["value"], vm["primary_ip"]["address"]) == ("web-01", "active", "192.0.2.11/24")
    assert (vm["vcpus"], vm["memory"], vm["disk"], vm["platform"]["name"]) == (2, 2048, 20000, "Debian 12")
    assert (vm["custom_fields"]["login_user"], vm["local_context_data"]) == ("debian", {"ansible_roles": ["web"]})
    assert public_keys(vm["custom_fields"]["ssh_host_key"], "ssh_host_key")
    assert [tag["name"] for tag in vm["tags"]] == ["managed"]
    assert [change["action"]["value"] for change in netbox.changes(changed_object_type=VM)] == ["create", "update"]


def test_an_apply_makes_the_machine_ready_once_and_a_second_tells_nothing(followed, netbox, terraform, ways):
    source = followed(**ways)

    async def scene():
        async with source.running():
            await source.until_begun()
            await asyncio.to_thread(terraform.apply)
            await source.until(lambda: source.told() == ["created", "ready"])
            await asyncio.to_thread(terraform.apply)
            terraform.hcl = HCL.replace("= 2048", "= 4096")
            await asyncio.to_thread(terraform.apply)
            await source.until(lambda: source.told() == ["created", "ready", "updated"])
            await asyncio.sleep(1.5)  # one more reading
        return source.events()

    _created, ready, updated = asyncio.run(scene())
    assert ready.hosts == ("web-01",)
    assert dict(ready.connections["web-01"]) == {"ansible_host": "192.0.2.11", "ansible_user": "debian"}
    assert ready.data["object"]["config_context"]["ansible_roles"] == ["web"]
    assert (updated.data["changed"], updated.data["object"]["primary_ip"]["address"]) == (["memory"], "192.0.2.11/24")


def test_a_destroy_is_told_once_and_makes_nothing_ready(followed, netbox, terraform, ways):
    source = followed(**ways)

    async def scene():
        async with source.running():
            await source.until_begun()
            await asyncio.to_thread(terraform.apply)
            await source.until(lambda: source.told() == ["created", "ready"])
            await asyncio.to_thread(terraform.destroy)
            await source.until(lambda: source.told()[-1] == "deleted")
            await asyncio.sleep(1.5)
        return source.told(), source.events()

    kinds, events = asyncio.run(scene())
    assert (kinds.count("ready"), kinds.count("deleted"), kinds[-1]) == (1, 1, "deleted")
    assert (events[-1].data["object"]["name"], events[-1].hosts) == ("web-01", ("web-01",))


def test_an_apply_that_stops_half_way_is_ready_when_the_next_has_done_the_rest(followed, netbox, terraform):
    source = followed()
    whole, half = HCL, HCL.partition("# Last of all")[0]

    async def scene():
        async with source.running():
            await source.until_begun()
            terraform.hcl = half
            await asyncio.to_thread(terraform.apply)
            await source.until(lambda: source.told() == ["created"])
            await asyncio.sleep(1.5)
            assert source.told() == ["created"]
            terraform.hcl = whole
            await asyncio.to_thread(terraform.apply)
            await source.until(lambda: source.told() == ["created", "ready"])

    asyncio.run(scene())
