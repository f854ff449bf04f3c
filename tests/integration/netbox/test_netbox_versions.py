# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What happens to a machine is told alike of each version of NetBox, by whichever way it is heard of. 4.6.8 was recorded, the others are played as they differ.

Of what is announced for 4.7 the webhooks name the request and the user in `request` alone, and what was chosen in a custom field has its label beside it.
"""

from __future__ import annotations

import asyncio
import functools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.doubles.netbox.versions import is_before

from .followed import ADDRESS, SECRET, VM, WATCHED, Documented, Followed, free_port, repeated, webhook

RECORDED = "4.6.8"
# In 4.5.3 the change log began to be asked for several types of objects at once.
OTHERS = ["4.0.11", "4.2.9", "4.4.10", "4.5.2", "4.5.10", "4.7.0"]
WAYS = ["webhooks and change log", "webhooks", "change log"]
KINDS = ["created", "ready", *["updated"] * 5, "deleted"]
CHANGED = [[], ["primary_ip4"], ["comments"], ["tags"], ["config_context"], ["primary_ip4"], ["status"], []]
# Times and addresses of a run, and what there is for people to look at.
OF_A_RUN = frozenset({"url", "display_url", "created", "last_updated", "display"})


def common(one: Any, other: Any) -> tuple[Any, Any]:
    """Return two values with nothing but the fields that both have."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = {name: common(one[name], other[name]) for name in sorted(one.keys() & other.keys() - OF_A_RUN)}
        return {name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [common(*pair) for pair in zip(one, other, strict=True)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return one, other


def told(event: Event) -> dict[str, Any]:
    """Return what an event says that depends on no run."""
    data = event.data
    return {
        "type": event.type,
        "subject": event.subject,
        "hosts": list(event.hosts),
        "connections": {host: dict(variables) for host, variables in event.connections.items()},
        "dedup_key": event.dedup_key,
        **{name: data[name] for name in ("model", "object_type", "object", "changed", "before", "after", "username")},
        "names its request": bool(data["request_id"]),
    }


def args_of(way: str, netbox: Any) -> dict[str, Any]:
    """Return the arguments of a source that hears of changes by one way or by both."""
    if way == "change log":
        return {}
    port = free_port()
    netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret=SECRET)
    return {"webhook": webhook(port), **({"catch_up": False} if way == "webhooks" else {"catch_up": {"interval": 3600, "overlap": 5}})}


async def live(source: Followed, documented: Documented) -> None:
    """Play the life of a machine, each step when the one before it has been told of."""
    netbox, steps = source.netbox, iter(range(1, len(KINDS) + 1))

    async def heard() -> None:
        count = next(steps)
        await source.until(lambda: source.told(vm) == KINDS[:count])

    async with source.running():
        await source.until_begun()
        vm = documented.vm("web01", custom_fields={"login_user": "debian", "zone": "inner"}, local_context_data={"own": 1})
        await heard()
        address = documented.address(vm, "10.0.0.11/24")
        documented.make_primary(vm, address)
        await heard()
        netbox.update(VM, vm, comments="it has an address")
        await heard()
        netbox.update(VM, vm, tags=[documented.tag])
        await heard()
        netbox.create("extras.configcontext", name="web", weight=100, clusters=[documented.cluster["id"]], data={"ansible_roles": ["baseline"]})
        await heard()
        netbox.update(ADDRESS, address, address="10.0.0.12/24")
        await heard()
        netbox.update(VM, vm, status="decommissioning")
        await heard()
        netbox.delete(VM, vm)
        await heard()


@functools.cache
def life(version: str, way: str) -> tuple[Event, ...]:
    """Return all that is told of the life of a machine in a NetBox."""
    with running_netbox(version=version) as netbox, tempfile.TemporaryDirectory() as directory:
        documented = Documented(netbox)
        documented.tag = netbox.create("extras.tag", name="Data base", slug="db")["id"]
        for name, kind in (("login_user", "text"), ("zone", "select")):
            netbox.create("extras.customfield", name=name, type=kind, object_types=[VM])
        source = Followed(Path(directory), netbox, **args_of(way, netbox))
        # Tokens of version 2 exist since 4.5.
        assert source.args["token"].startswith("nbt_") == (not is_before(version, "4.5"))
        asyncio.run(live(source, documented))
        return tuple(source.events())


@pytest.mark.parametrize("way", WAYS)
def test_the_recorded_version_tells_the_life_of_a_machine(way):
    events = life(RECORDED, way)
    assert [event.type.rpartition(".")[2] for event in events] == KINDS
    assert [event.data["changed"] for event in events] == CHANGED
    assert {event.subject for event in events} == {"web01"}
    assert {event.data["username"] for event in events} == {"admin"}
    assert [event.connections["web01"]["ansible_host"] for event in events[1:]] == ["10.0.0.11"] * 4 + ["10.0.0.12"] * 3
    assert events[5].data["object"]["config_context"] == {"ansible_roles": ["baseline"], "own": 1}
    assert not repeated(events)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", OTHERS)
def test_every_version_tells_it_alike(version, way):
    events, recorded = life(version, way), life(RECORDED, way)
    assert [event.type for event in events] == [event.type for event in recorded]
    for event, other in zip(events, recorded, strict=True):
        one, another = common(told(event), told(other))
        if version.startswith("4.7"):
            for each in (one, another):
                each["object"]["custom_fields"].pop("zone", None)
        assert one == another
        # So much of it is in all of them.
        assert {"id", "name", "status", "custom_fields"} <= one["object"].keys()
        assert event.data["object"]["custom_fields"]["login_user"] == "debian"
    assert not repeated(events)


@pytest.mark.parametrize("version", [RECORDED, *OTHERS])
def test_by_each_way_it_is_the_same_events(version):
    one, *others = ([told(event) for event in life(version, way)] for way in WAYS)
    for other in others:
        left, right = common({"told": one}, {"told": other})
        assert left == right


def test_what_is_chosen_in_a_custom_field_can_say_who_logs_in(tmp_path):
    for version in (RECORDED, "4.7.0"):
        with running_netbox(version=version) as netbox:
            documented = Documented(netbox)
            netbox.create("extras.customfield", name="login_user", type="select", object_types=[VM])
            (tmp_path / version).mkdir()
            source = Followed(tmp_path / version, netbox)

            async def scene(source=source, documented=documented):
                async with source.running():
                    await source.until_begun()
                    vm = documented.ready_vm("web01", "10.0.0.11/24", custom_fields={"login_user": "debian"})
                    await source.until(lambda: source.told(vm) == ["created", "ready"])

            asyncio.run(scene())
            assert source.events()[-1].connections == {"web01": {"ansible_host": "10.0.0.11", "ansible_user": "debian"}}
