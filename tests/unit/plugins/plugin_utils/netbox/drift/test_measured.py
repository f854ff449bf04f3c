# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is taken from a host's facts, and what is not."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.measured import measured
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import Measured
from hypothesis import given
from hypothesis import strategies as st

DISK = {"sectors": 41943040, "sectorsize": "512", "removable": "0", "virtual": 1}
FACTS = {
    "hostname": "web-01",
    "fqdn": "web-01.example.com",
    "nodename": "web-01",
    "processor_vcpus": 2,
    "memtotal_mb": 1963,
    "devices": {"vda": DISK, "loop0": DISK, "dm-0": DISK, "sr0": DISK, "sdb": {**DISK, "removable": "1"}},
    "distribution": "Debian",
    "distribution_major_version": "12",
    "distribution_version": "12.5",
    "interfaces": ["lo", "eth0", "br-dead", "eth0.5", "gone"],
    "lo": {"ipv4": {"address": "127.0.0.1", "prefix": "8"}},
    "eth0": {
        "ipv4": {"address": "192.0.2.11", "prefix": "24", "netmask": "255.255.255.0"},
        "ipv4_secondaries": [{"address": "192.0.2.12", "netmask": "255.255.255.0"}],
        "ipv6": [{"address": "2001:db8::11", "prefix": "64", "scope": "global"}, {"address": "fe80::1", "prefix": "64", "scope": "link"}],
    },
    "eth0.5": {"ipv4": {"address": "198.51.100.5", "prefix": "32"}},
    "br_dead": {"ipv4": {"address": "172.18.0.1", "prefix": "16"}},
}


def test_the_facts_of_a_host():
    assert measured(FACTS) == Measured(
        names=("web-01", "web-01.example.com"),
        addresses=("192.0.2.11/24", "192.0.2.12/24", "2001:db8::11/64", "198.51.100.5/32"),
        vcpus=2,
        memory_mb=1963,
        disk_bytes=41943040 * 512,
        platforms=("Debian 12", "Debian 12.5"),
        unknown={},
    )


def test_what_to_ignore_can_be_said():
    told = measured(FACTS, ignored_interfaces=["eth*", "lo"], ignored_disks=["sr*", "sd*", "loop0"])

    assert told.addresses == ("172.18.0.1/16",)
    assert told.disk_bytes == 2 * 41943040 * 512


def test_two_disks_are_added_up_whatever_their_sectors():
    devices = {"nvme0n1": {"sectors": "250000", "sectorsize": 4096}, "vdb": {"sectors": 2000000, "sectorsize": "512"}, "vdc": {"sectors": None}}

    assert measured({**FACTS, "devices": devices}).disk_bytes == 250000 * 4096 + 2000000 * 512


@pytest.mark.parametrize(("version", "names"), [("", ("Arch",)), ("NA", ("Arch",)), ("2026.11", ("Arch 2026.11",))])
def test_a_distribution_without_versions(version, names):
    facts = {"distribution": "Arch", "distribution_major_version": version, "distribution_version": version}

    assert measured(facts).platforms == names


@pytest.mark.parametrize(
    ("fact", "value", "field", "says"),
    [
        ("processor_vcpus", 0, "vcpus", "a whole number from 1 to 9999, got 0"),
        ("processor_vcpus", 10**9, "vcpus", "got 1000000000"),
        ("processor_vcpus", True, "vcpus", "got True"),
        ("processor_vcpus", "2", "vcpus", "got '2'"),
        ("memtotal_mb", -5, "memory", "from 1 to 2147483647, got -5"),
        ("memtotal_mb", None, "memory", "got nothing"),
        ("memtotal_mb", "{{ lookup('pipe', 'id') }}" * 99, "memory", "got"),
        ("memtotal_mb", {"a": 1}, "memory", "got dict of 1"),
        ("devices", {}, "disk", "0 block devices with 0 bytes"),
        ("devices", [1], "disk", "got list of 1"),
        ("devices", {"vda": {"sectors": 10**17, "sectorsize": "512"}}, "disk", "must have at most"),
        ("distribution", "<script>", "platform", "got '<script>'"),
        ("distribution", ["Debian"], "platform", "got list of 1"),
        ("interfaces", "eth0", "addresses", "got 'eth0'"),
    ],
)
def test_what_cannot_be_true_is_not_taken(fact, value, field, says):
    told = measured({**FACTS, fact: value})

    assert says in told.unknown[field]
    assert len(told.unknown[field]) < 200
    assert list(told.unknown) == [field]
    assert getattr(told, {"memory": "memory_mb", "disk": "disk_bytes", "platform": "platforms"}.get(field, field)) in (None, ())


def test_a_host_with_more_addresses_than_a_host_has():
    many = [{"address": f"10.0.{number // 250}.{number % 250}", "prefix": "16"} for number in range(1000)]

    told = measured({"interfaces": ["a", "b"], "a": {"ipv4_secondaries": many}, "b": {"ipv4": {"address": "10.9.0.1", "prefix": "16"}}})

    assert (told.addresses, told.unknown["addresses"]) == ((), "a host must have at most 1000 addresses, got 1001")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["ipv4", "ipv6", "address", "prefix"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*FACTS]), ANYTHING, max_size=12))
def test_whatever_a_host_tells_is_read_and_bounded(differences):
    told = measured({**FACTS, **differences})

    assert told.vcpus is None or 1 <= told.vcpus <= 9999
    assert told.memory_mb is None or 1 <= told.memory_mb < 2**31
    assert told.disk_bytes is None or 1 <= told.disk_bytes <= 2**31 * 10**6
    assert all(len(text) <= 300 and text.isprintable() for text in told.unknown.values())
    assert all(len(name) <= 253 and not set(name) & set("{}<>&'\" \n") for name in told.names)
    assert all(len(name) <= 100 and not set(name) & set("{}<>&'\"\n") for name in told.platforms)
    for address in told.addresses:
        assert ipaddress.ip_interface(address).with_prefixlen == address
