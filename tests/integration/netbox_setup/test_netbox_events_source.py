# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The account that the playbook makes is enough for the source: it follows NetBox with that token, all its parts included."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox.followed import VM, Documented, Followed
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import SECRET, Operator


def test_the_source_follows_netbox_with_the_account(tmp_path: Path, operator: Operator, netbox: Running) -> None:
    # The webhooks of the playbook go to the test's receiver; here the change log tells of everything.
    run = operator.set_up()
    assert run.rc == 0, run.output
    documented = Documented(netbox)
    tag = netbox.create("extras.tag", name="Managed", slug="managed")
    token = {"file": str(operator.token_path)}
    source = Followed(tmp_path, netbox, token=token, include=["config_context", "interfaces", "ip_addresses", "custom_fields", "tags"])
    before = len(netbox.requests)

    async def scene() -> tuple[list[str], int]:
        async with source.running():
            await source.until_begun()
            vm = documented.ready_vm("web01", "192.0.2.10/24", tags=[tag["id"]])
            await source.until(lambda: source.told(vm) == ["created", "ready"])
            address = netbox.find("ipam.ipaddress", address="192.0.2.10/24")
            netbox.update("ipam.ipaddress", address["id"], address="192.0.2.11/24")
            await source.until(lambda: source.told(vm) == ["created", "ready", "updated"])
            # By the type of its cluster, which the source has to look up, and by a tag.
            netbox.create("extras.configcontext", name="roles", cluster_types=[documented.kind["id"]], tags=["managed"], data={"ansible_roles": ["web"]})
            await source.until(lambda: source.told(vm)[2:] == ["updated", "updated"])
        return source.told(vm), vm

    told, vm = asyncio.run(scene())

    assert told == ["created", "ready", "updated", "updated"]
    assert source.events()[-1].data["changed"] == ["config_context"]
    refused = [(asked.method, asked.path) for asked in netbox.requests[before:] if asked.status >= 400]
    assert refused == []
    entry = {"assigned_object_type": VM, "assigned_object_id": vm, "kind": "success", "comments": "configured"}
    assert operator.ask("POST", "extras/journal-entries", operator.token, **entry) == 201
    assert SECRET not in run.output
