# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts a changed address or config context alters, beside a plain model of what NetBox documents.

Of each kind of assignment that a config context has one at least must fit; what is below a region, site group, location, role or platform is in it. Locations
and device types are of devices alone (https://netboxlabs.com/docs/netbox/features/context-data/).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.consequences import Consequences
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.errors import NetBoxRefused
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.object_types import PATHS
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.objects import Objects
from hypothesis import given, settings
from hypothesis import strategies as st

from .in_memory import ListedNetBox
from .making import VM, row

DEVICE, CONTEXT, ADDRESS = "dcim.device", "extras.configcontext", "ipam.ipaddress"
MACHINES, DEVICES, CLUSTERS = "virtualization/virtual-machines", "dcim/devices", "virtualization/clusters"
TREES = ("region", "site_group", "role", "platform", "location")
SIMPLE = ("site", "tenant_group", "tenant", "device_type", "cluster")
# Of everything there are two: in a tree the second is below the first.
NUMBERS = st.none() | st.sampled_from([1, 2])
HOSTS = st.fixed_dictionaries(dict.fromkeys((*TREES, *SIMPLE), NUMBERS) | {"tags": st.lists(st.sampled_from([1, 2]), unique=True)})
OF_CLUSTER = st.lists(st.fixed_dictionaries({"type": st.sampled_from([1, 2]), "group": NUMBERS}), min_size=2, max_size=2)
FEW = st.lists(st.sampled_from([1, 2]), max_size=2, unique=True)
MANY = (
    "regions",
    "site_groups",
    "sites",
    "locations",
    "device_types",
    "roles",
    "platforms",
    "cluster_types",
    "cluster_groups",
    "clusters",
    "tenant_groups",
    "tenants",
)
CONTEXTS = st.dictionaries(st.sampled_from([*MANY, "tags"]), FEW).flatmap(
    lambda given: st.booleans().map(lambda is_active: {"name": "c", "data": {}, "is_active": is_active, **given})
)


def is_in(tree: bool, number: int | None, wanted: list[int]) -> bool:
    return number in wanted or (tree and number == 2 and 1 in wanted)


def applies(context: dict, host: dict, kind: str, clusters: list[dict]) -> bool:
    """Tell as NetBox documents it whether a config context applies to a host."""
    if not context["is_active"] or (kind == VM and (context.get("locations") or context.get("device_types"))):
        return False
    cluster = clusters[host["cluster"] - 1] if host["cluster"] else {"type": None, "group": None}
    for name in MANY:
        wanted = context.get(name)
        number = cluster[name[8:-1]] if name in ("cluster_types", "cluster_groups") else host[name[:-1]]
        if wanted and not is_in(name[:-1] in TREES, number, wanted):
            return False
    return not context.get("tags") or bool({*context["tags"]} & {*host["tags"]})


def asked_as_netbox(path: str, query: dict, thing: dict) -> bool:
    """Answer as NetBox's filters do: several values of one parameter are alternatives, but of tags all are wanted."""
    if path == CLUSTERS:
        return all(thing[name] in query[f"{name}_id"] for name in ("type", "group") if f"{name}_id" in query)
    if path == "extras/tags":
        return "name" not in query or thing["name"] in query["name"]
    known = {f"{name}_id" for name in (*TREES, *SIMPLE)} | {"tag", "fields", "id", "ordering", "primary_ip4_id", "primary_ip6_id"}
    assert set(query) <= known, "NetBox would ignore it, and everything would come back"
    for name in (*TREES, *SIMPLE):
        if f"{name}_id" in query and not is_in(name in TREES, thing.get(name), query[f"{name}_id"]):
            return False
    for field in ("primary_ip4", "primary_ip6"):
        if f"{field}_id" in query and (thing.get(field) or {}).get("id") not in query[f"{field}_id"]:
            return False
    return all(int(slug[1:]) in thing["tags"] for slug in query.get("tag", ()))


def lab(machines=(), devices=(), clusters=()) -> ListedNetBox:
    return ListedNetBox(
        asked_as_netbox,
        virtualization__virtual_machines=[{**host, "id": number, "name": f"vm{number}"} for number, host in enumerate(machines, 1)],
        dcim__devices=[{**host, "id": number, "name": f"sw{number}"} for number, host in enumerate(devices, 1)],
        virtualization__clusters=[{**cluster, "id": number} for number, cluster in enumerate(clusters, 1)],
        extras__tags=[{"id": number, "name": f"Tag {number}", "slug": f"t{number}"} for number in (1, 2)],
    )


def consequences(netbox, types=(VM, DEVICE)) -> Consequences:
    return Consequences(netbox, Objects(netbox, PATHS, {}, ()), types)


def altered(netbox, change, types=(VM, DEVICE)) -> list[tuple[str, int]]:
    async def scene():
        return [its.key async for its in consequences(netbox, types).of_contexts([change])]

    return asyncio.run(scene())


@settings(deadline=None, max_examples=300)
@given(st.lists(HOSTS, max_size=4), st.lists(HOSTS, max_size=4), OF_CLUSTER, CONTEXTS, st.booleans())
def test_a_config_context_alters_the_hosts_that_netbox_says_it_applies_to(machines, devices, clusters, context, by_name):
    wanted = [(VM, number) for number, host in enumerate(machines, 1) if applies(context, host, VM, clusters)]
    wanted += [(DEVICE, number) for number, host in enumerate(devices, 1) if applies(context, host, DEVICE, clusters)]
    written = {**context, **({"tags": [f"Tag {number}" for number in context["tags"]]} if by_name and "tags" in context else {})}
    found = altered(lab(machines, devices, clusters), row(1, "create", None, written, type_=CONTEXT))
    assert sorted(found) == sorted(wanted)


NOBODYS = {**dict.fromkeys((*TREES, *SIMPLE)), "tags": []}


def test_of_each_kind_of_assignment_one_must_fit():
    machines = [{**NOBODYS, "cluster": number} for number in (1, 2)]
    netbox = lab(machines, (), [{"type": 1, "group": 1}, {"type": 2, "group": 1}])
    context = {"name": "c", "is_active": True, "clusters": [1], "cluster_groups": [1]}
    assert altered(netbox, row(1, "create", None, context, type_=CONTEXT)) == [(VM, 1)]
    assert altered(netbox, row(1, "create", None, {**context, "cluster_types": [2]}, type_=CONTEXT)) == []


def test_a_context_that_moves_alters_those_that_had_it_and_those_that_have_it_once_each():
    machines = [{**NOBODYS, "site": 1}, {**NOBODYS, "site": 2}, {**NOBODYS, "role": 1, "site": 1}, NOBODYS]
    before, after = ({"name": "c", "data": {"a": 1}, "is_active": True, "sites": sites} for sites in ([1], [1, 2]))
    assert altered(lab(machines), row(1, "update", before, after, type_=CONTEXT)) == [(VM, 1), (VM, 3), (VM, 2)]
    assert altered(lab(machines), row(1, "delete", before, None, type_=CONTEXT)) == [(VM, 1), (VM, 3)]


@pytest.mark.parametrize(
    ("field", "matters"), [("description", False), ("name", False), ("data", True), ("weight", True), ("is_active", True), ("sites", True)]
)
def test_only_what_can_be_seen_in_it_matters(field, matters):
    before = {"name": "c", "data": {}, "weight": 1, "is_active": True, "sites": []}
    after = {**before, field: [1] if field == "sites" else {"a": 1} if field == "data" else 2 if field == "weight" else False if field == "is_active" else "x"}
    assert bool(altered(lab([NOBODYS]), row(1, "update", before, after, type_=CONTEXT))) is matters


def test_an_altered_host_has_the_cause_and_what_is_altered():
    async def scene():
        change = row(9, "create", None, {"name": "c", "is_active": True, "data": {}}, type_=CONTEXT)
        return change, [each async for each in consequences(lab([NOBODYS])).of_contexts([change])]

    cause, [its] = asyncio.run(scene())
    assert (its.id, its.time, its.request_id, its.username) == (cause.id, cause.time, cause.request_id, cause.username)
    assert (its.key, its.name, its.action, its.changed, its.is_consequence) == ((VM, 1), "vm1", "updated", ("config_context",), True)


def of_addresses(netbox, *changes, types=(VM, DEVICE)):
    return asyncio.run(consequences(netbox, types).of_addresses(changes))


def moved(number: int, address: int, what: str = "update", before: str = "10.0.0.1/24", after: str = "10.0.0.2/24"):
    states = {"create": (None, {"address": after}), "delete": ({"address": before}, None)}.get(what, ({"address": before}, {"address": after}))
    return row(number, what, *states, type_=ADDRESS, object_id=address)


def test_a_changed_address_alters_those_whose_primary_one_it_is():
    machines = [{**NOBODYS, "primary_ip4": {"id": 1}}, {**NOBODYS, "primary_ip6": {"id": 1}}, {**NOBODYS, "primary_ip4": {"id": 2}}, NOBODYS]
    devices = [{**NOBODYS, "primary_ip4": {"id": 2}}]
    found = of_addresses(lab(machines, devices), moved(1, 1), moved(2, 2))
    assert [(change.id, change.key, change.changed) for change in found] == [
        (1, (VM, 1), ("primary_ip4",)),
        (2, (VM, 3), ("primary_ip4",)),
        (1, (VM, 2), ("primary_ip6",)),
        (2, (DEVICE, 1), ("primary_ip4",)),
    ]
    assert all(change.is_consequence for change in found)
    assert (found[0].before, found[0].after, found[0].name) == ({"primary_ip4": "10.0.0.1/24"}, {"primary_ip4": "10.0.0.2/24"}, "vm1")


@pytest.mark.parametrize("change", [moved(1, 1, "create"), moved(1, 1, "delete"), moved(1, 1, after="10.0.0.1/24"), replace(moved(1, 1), object_type=VM)])
def test_what_moves_no_address_is_not_asked_about(change):
    netbox = lab([{**NOBODYS, "primary_ip4": {"id": 1}}])
    assert of_addresses(netbox, change) == []
    assert netbox.asked == []


def test_many_addresses_are_asked_about_fifty_at_a_time():
    machines = [{**NOBODYS, "primary_ip4": {"id": number}} for number in range(1, 121)]
    netbox = lab(machines)
    found = of_addresses(netbox, *(moved(number, number) for number in range(1, 121)))
    assert len([change for change in found if change.is_consequence]) == 120
    assert len(netbox.asked) == 3 * 4  # both versions of the protocol, of both types of hosts


def test_only_types_that_events_are_about_are_altered():
    netbox = lab([{**NOBODYS, "primary_ip4": {"id": 1}}], [{**NOBODYS, "primary_ip4": {"id": 1}}])
    assert [change.key for change in of_addresses(netbox, moved(1, 1), types=(DEVICE,))] == [(DEVICE, 1)]
    none = consequences(netbox, ("dcim.site",))
    assert none.causes == () and consequences(netbox).causes == (ADDRESS, CONTEXT)
    assert altered(netbox, row(1, "create", None, {"name": "c", "is_active": True}, type_=CONTEXT), ("dcim.site",)) == []


def test_what_is_gone_is_left_out_and_holds_up_no_other():
    class Strict(ListedNetBox):
        """Refuses to be asked by an address that is not there, as NetBox does."""

        async def page(self, path, query, limit):
            if ("primary_ip4_id", 7) in query or ("site_id", 7) in query:
                raise NetBoxRefused("400", 400)
            return await super().page(path, query, limit)

    netbox = Strict(asked_as_netbox, virtualization__virtual_machines=[{**NOBODYS, "id": 1, "name": "vm1", "site": 1, "primary_ip4": {"id": 1}}])
    assert [change.key for change in of_addresses(netbox, *(moved(number, number) for number in range(1, 10)))] == [(VM, 1)]
    assert of_addresses(netbox, moved(1, 7)) == []
    for sites, found in (([7], []), ([1, 7], [(VM, 1)]), ([1], [(VM, 1)])):
        assert altered(netbox, row(1, "create", None, {"name": "c", "is_active": True, "sites": sites}, type_=CONTEXT)) == found


def test_a_context_for_more_than_one_request_can_ask_about_alters_those_that_fit_all_of_it():
    class Server(ListedNetBox):
        """Takes no address that is longer than servers do."""

        async def page(self, path, query, limit):
            if len(urlencode(list(query))) > 4000:
                raise NetBoxRefused("414", 414)
            return await super().page(path, query, limit)

    many = range(1, 1001)
    machines = [{**NOBODYS, "id": number, "name": f"vm{number}", "site": number, "tenant": number + 500} for number in many]
    netbox = Server(asked_as_netbox, virtualization__virtual_machines=machines)
    for tenants, found in (([], many), (many, range(1, 501)), ([1000], [500])):
        cause = row(1, "create", None, {"name": "c", "is_active": True, "sites": list(many), "tenants": list(tenants)}, type_=CONTEXT)
        assert altered(netbox, cause) == [(VM, number) for number in found]
