# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects read in batches, through the filters, with what belongs to them."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.objects import INCLUDABLE, Objects

from .in_memory import ListedNetBox
from .making import VM, vm

DEVICE = "dcim.device"
PATHS = {VM: "virtualization/virtual-machines", DEVICE: "dcim/devices"}
MACHINES = [vm(id=number, tags=[{"slug": "managed"}] if number % 2 else [], config_context={"a": 1}) for number in range(1, 121)]


def matches(_path, query, thing) -> bool:
    if "tag" in query and not any(tag["slug"] in query["tag"] for tag in thing.get("tags", ())):
        return False
    return all(thing.get(name) in query[name] for name in ("virtual_machine_id", "device_id") if name in query and name in thing)


def lab() -> ListedNetBox:
    interfaces = [{"id": number, "virtual_machine": {"id": number % 3}, "name": f"eth{number}"} for number in range(1, 7)]
    addresses = [
        {"id": 1, "assigned_object": {"virtual_machine": {"id": 1}}},
        {"id": 2, "assigned_object": None},
        {"id": 3, "assigned_object": {"device": {"id": 1}}},
    ]
    return ListedNetBox(
        matches, virtualization__virtual_machines=MACHINES, dcim__devices=[vm(id=1)], virtualization__interfaces=interfaces, ipam__ip_addresses=addresses
    )


def objects(netbox, include=("config_context", "custom_fields", "tags"), **filters) -> Objects:
    return Objects(netbox, PATHS, {VM: list(filters.items())} if filters else {}, include)


def read(reader, *keys):
    return asyncio.run(reader.read(keys))


def test_each_is_read_once_and_fifty_at_a_time():
    netbox = lab()
    keys = [(VM, number) for number in range(1, 111)]
    found = read(objects(netbox), *keys, *keys, (DEVICE, 1))
    assert set(found.inside) == {*keys, (DEVICE, 1)}
    assert len(netbox.asked) == 4
    assert found.inside[VM, 7]["id"] == 7


def test_what_does_not_exist_is_neither_inside_nor_outside():
    found = read(objects(lab()), (VM, 1), (VM, 999))
    assert (set(found.inside), found.outside) == ({(VM, 1)}, frozenset())


def test_what_the_filters_keep_out_is_outside_and_what_is_gone_is_not():
    reader = objects(lab(), tag="managed")
    found = read(reader, (VM, 1), (VM, 2), (VM, 999), (DEVICE, 1))
    assert (set(found.inside), found.outside) == ({(VM, 1), (DEVICE, 1)}, frozenset({(VM, 2)}))
    assert reader.has_filters(VM) and not reader.has_filters(DEVICE)


def test_nothing_more_is_asked_where_there_are_no_filters():
    netbox = lab()
    read(objects(netbox), (VM, 999))
    assert len(netbox.asked) == 1


def test_the_config_context_is_not_asked_for_where_nobody_wants_it():
    netbox = lab()
    found = read(objects(netbox, include=()), (VM, 1))
    assert not {"config_context", "custom_fields", "tags"} & found.inside[VM, 1].keys()
    assert ("exclude", "config_context") in netbox.asked[0][2]
    netbox = lab()
    assert read(objects(netbox), (VM, 1)).inside[VM, 1]["config_context"] == {"a": 1}
    assert ("exclude", "config_context") not in netbox.asked[0][2]


def test_what_belongs_to_a_machine_is_given_to_it_and_to_no_other():
    netbox = lab()
    inside = read(objects(netbox, include=INCLUDABLE), (VM, 1), (VM, 2), (VM, 5)).inside
    assert [part["id"] for part in inside[VM, 1]["interfaces"]] == [1, 4]
    assert [part["id"] for part in inside[VM, 2]["interfaces"]] == [2, 5]
    assert inside[VM, 5]["interfaces"] == []
    assert [part["id"] for part in inside[VM, 1]["ip_addresses"]] == [1]
    assert len(netbox.asked) == 3  # one request of each kind for all of them


def test_the_census_has_all_that_the_filters_let_through():
    async def scene():
        return [each["id"] async for page in objects(lab(), tag="managed").census(VM) for each in page]

    assert asyncio.run(scene()) == list(range(1, 121, 2))


def test_the_names_of_those_that_match_are_read_without_the_rest():
    async def scene():
        return [each async for each in objects(lab(), include=("interfaces",), tag="managed").names(VM, [("id", 1), ("id", 2)])]

    (thing,) = asyncio.run(scene())
    assert thing["id"] == 1 and "interfaces" not in thing
