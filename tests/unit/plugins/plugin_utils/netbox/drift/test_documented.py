# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox documents of a host, from its API's answers as they were recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.documented import NotNetBox, documented, unit_of_disks_mb
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import DEVICE, VIRTUAL_MACHINE, Documented, Platform

FIXTURES = Path(__file__).absolute().parents[5] / "fixtures" / "netbox" / "api"


def recorded(name: str) -> dict:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))["response"]


@pytest.fixture
def vm() -> dict:
    return recorded("vm_1_detail")


@pytest.fixture
def address() -> dict:
    [address] = recorded("ip_by_vm")["results"]
    return address


def test_a_virtual_machine(vm, address):
    assert documented(VIRTUAL_MACHINE, vm, [address]) == Documented(
        kind=VIRTUAL_MACHINE,
        id=1,
        name="web01",
        url="http://127.0.0.1:8000/virtualization/virtual-machines/1/",
        vcpus=2.0,
        memory_mb=2048,
        disk_mb=20000,
        virtual_disks=0,
        platform=Platform(1, "Debian 12", "debian-12"),
        addresses=("10.0.0.11/24",),
        floating=(),
        primary=(("10.0.0.11",),),
    )


def test_it_goes_through_a_task_and_back(vm, address):
    host = documented(VIRTUAL_MACHINE, vm, [address])

    assert Documented.from_dict(json.loads(json.dumps(host.as_dict()))) == host


def test_what_nobody_wrote_down_is_none(vm):
    host = documented(VIRTUAL_MACHINE, {**vm, "vcpus": None, "memory": None, "disk": None, "platform": None, "primary_ip4": None}, [])

    assert (host.vcpus, host.memory_mb, host.disk_mb, host.platform, host.addresses, host.primary) == (None, None, None, None, (), ())


def test_a_device_has_no_size(vm, address):
    on_device = {**address, "assigned_object": {"id": 5, "device": {"id": 1, "name": "web01"}}}

    host = documented(DEVICE, {**vm, "virtual_disk_count": 3}, [on_device, address])

    assert (host.vcpus, host.memory_mb, host.disk_mb, host.virtual_disks) == (None, None, None, 0)
    assert host.addresses == ("10.0.0.11/24",)


def test_addresses_of_others_are_left_out(vm, address):
    of_another = {**address, "assigned_object": {"id": 9, "virtual_machine": {"id": 2}}}
    of_nobody = {**address, "assigned_object": None}

    assert documented(VIRTUAL_MACHINE, vm, [of_another, of_nobody]).addresses == ()


@pytest.mark.parametrize(
    "difference",
    [
        {"role": {"value": "vip", "label": "VIP"}},
        {"role": {"value": "vrrp", "label": "VRRP"}},
        {"status": {"value": "deprecated", "label": "Deprecated"}},
        {"status": {"value": "reserved", "label": "Reserved"}},
        {"nat_inside": {"id": 3, "address": "192.168.0.11/24"}},
    ],
)
def test_addresses_that_the_host_need_not_have(vm, address, difference):
    host = documented(VIRTUAL_MACHINE, vm, [{**address, **difference}])

    assert (host.addresses, host.floating) == ((), ("10.0.0.11/24",))


def test_a_primary_address_behind_nat(vm, address):
    inside = {"nat_inside": {"id": 3, "address": "192.168.0.11/24"}}

    assert documented(VIRTUAL_MACHINE, vm, [{**address, **inside}]).primary == (("10.0.0.11", "192.168.0.11"),)
    assert documented(VIRTUAL_MACHINE, {**vm, "primary_ip4": {**vm["primary_ip4"], **inside}}, []).primary == (("10.0.0.11", "192.168.0.11"),)


@pytest.mark.parametrize(("version", "unit"), [("4.0.11", 1000), ("3.7.8", 1000), ("4.1.0", 1), ("4.6.8", 1), ("4.10.0-Docker", 1), ("5.0", 1)])
def test_disks_are_in_gb_before_4_1(vm, version, unit):
    assert unit_of_disks_mb(version) == unit
    assert documented(VIRTUAL_MACHINE, {**vm, "disk": 20}, [], unit).disk_mb == 20 * unit


@pytest.mark.parametrize("difference", [{"platform": "Debian"}, {"vcpus": "many"}, {"primary_ip4": {"id": 1}}, {"name": None, "platform": {"id": 1}}])
def test_what_is_no_netbox_is_said(vm, difference):
    with pytest.raises(NotNetBox, match=r"not as NetBox gives a virtualization\.virtualmachine"):
        documented(VIRTUAL_MACHINE, {**vm, **difference}, [])
