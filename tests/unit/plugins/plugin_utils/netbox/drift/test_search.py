# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts are found by their exact names, many with one request, and what cannot be told apart is said."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.search import Wanted, search
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import DEVICE, VIRTUAL_MACHINE

VMS, DEVICES, ADDRESSES = "/api/virtualization/virtual-machines/", "/api/dcim/devices/", "/api/ipam/ip-addresses/"


class NetBoxDouble:
    """A NetBox that knows the filters it is told to know, and gives everything for the others, as the real one does."""

    def __init__(self, objects: dict[str, list[dict]], filters: tuple[str, ...] = ("name", "virtual_machine_id", "device_id"), version: str = "4.6.8") -> None:
        self.objects = objects
        self.filters = filters
        self.version = version
        self.asked: list[tuple[str, tuple]] = []

    def get(self, path: str) -> dict:
        self.asked.append((path, ()))
        return {"netbox-version": self.version}

    def all(self, path: str, parameters):
        self.asked.append((path, tuple(parameters)))
        wanted = {value for key, value in parameters if key in self.filters}
        for each in self.objects.get(path, ()):
            owner = (each.get("assigned_object") or {}).get("virtual_machine") or (each.get("assigned_object") or {}).get("device") or {}
            if not any(key in self.filters for key, _value in parameters) or each.get("name") in wanted or owner.get("id") in wanted:
                yield each


def vm(number: int, name: str, **others) -> dict:
    return {"id": number, "name": name, "url": f"http://netbox/{number}/", "platform": None, "site": None, "cluster": None, **others}


def address(number: int, text: str, owner: str = "virtual_machine") -> dict:
    return {"address": text, "status": {"value": "active"}, "role": None, "assigned_object": {"id": 1, owner: {"id": number}}}


def test_virtual_machines_and_devices_are_found_with_their_addresses():
    netbox = NetBoxDouble(
        {VMS: [vm(1, "web-01"), vm(2, "web-02")], DEVICES: [vm(1, "sw-01")], ADDRESSES: [address(1, "10.0.0.1/24"), address(1, "10.0.0.9/24", "device")]}
    )

    found = search(netbox, [Wanted("web-01", "web-01"), Wanted("switch", "sw-01"), Wanted("new", "new")])

    assert {host: (each.kind, each.id, each.addresses) for host, each in found.hosts.items()} == {
        "web-01": (VIRTUAL_MACHINE, 1, ("10.0.0.1/24",)),
        "switch": (DEVICE, 1, ("10.0.0.9/24",)),
    }
    assert found.problems == {}


def test_the_requests_are_bounded():
    names = [f"web-{number:03}" for number in range(120)]
    netbox = NetBoxDouble({VMS: [vm(number, name) for number, name in enumerate(names, 1)]})

    found = search(netbox, [Wanted(name, name) for name in names])

    assert len(found.hosts) == 120
    assert [path for path, _parameters in netbox.asked] == ["/api/status/", *[VMS] * 3, *[DEVICES] * 3, *[ADDRESSES] * 3]
    assert max(sum(key == "name" for key, _value in parameters) for _path, parameters in netbox.asked) == 50


def test_a_filter_that_netbox_does_not_know_brings_nothing_wrong():
    netbox = NetBoxDouble(
        {VMS: [vm(1, "web-01"), vm(2, "WEB-01"), vm(3, "web-0")], ADDRESSES: [address(2, "10.0.0.2/24"), address(1, "10.0.0.1/24")]}, filters=()
    )

    found = search(netbox, [Wanted("web-01", "web-01")])

    assert [(each.id, each.addresses) for each in found.hosts.values()] == [(1, ("10.0.0.1/24",))]


def test_several_of_one_name_are_an_error_that_names_them():
    paris, rome = {"id": 1, "name": "Paris", "slug": "paris"}, {"id": 2, "name": "Rome", "slug": "rome"}
    objects = {VMS: [vm(1, "web", site=paris, cluster={"id": 7, "name": "c7"}), vm(2, "web", site=rome), vm(3, "web")], DEVICES: [vm(4, "web", site=rome)]}

    def looked_for(**place):
        return search(NetBoxDouble(objects), [Wanted("web", "web", **place)])

    assert looked_for().problems == {
        "web": "4 objects of NetBox have the name web: virtualization.virtualmachine 1 (site Paris, cluster c7), virtualization.virtualmachine 2 (site Rome), "
        "virtualization.virtualmachine 3 (no site or cluster), dcim.device 4 (site Rome). Say which by their site or cluster"
    }
    assert looked_for(site="paris").hosts["web"].id == looked_for(site="Paris").hosts["web"].id == looked_for(cluster="c7").hosts["web"].id == 1
    assert looked_for(site="rome").hosts == {}
    assert looked_for(site="berlin") == search(NetBoxDouble({}), [Wanted("web", "web")])


def test_disks_of_an_old_netbox():
    netbox = NetBoxDouble({VMS: [vm(1, "web", disk=20)]}, version="4.0.11")

    host = search(netbox, [Wanted("web", "web")]).hosts["web"]

    assert (host.disk_mb, host.disk_unit_mb) == (20000, 1000)
