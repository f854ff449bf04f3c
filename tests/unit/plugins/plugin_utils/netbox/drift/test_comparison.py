# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between a host and its documentation, field by field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.comparison import compare
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import (
    DEVICE,
    DIFFERS,
    FIELDS,
    SAME,
    UNKNOWN,
    VIRTUAL_MACHINE,
    Documented,
    Finding,
    Measured,
    Platform,
    Settings,
)
from hypothesis import given
from hypothesis import strategies as st

DEBIAN = Platform(1, "Debian 12", "debian-12")
DOCUMENTED = Documented(
    kind=VIRTUAL_MACHINE,
    id=17,
    name="web-01",
    url="https://netbox.example.com/virtualization/virtual-machines/17/",
    vcpus=2.0,
    memory_mb=2048,
    disk_mb=20000,
    platform=DEBIAN,
    addresses=("192.0.2.11/24", "2001:db8::11/64"),
    primary=(("192.0.2.11",),),
)
MEASURED = Measured(
    names=("web-01", "web-01.example.com"),
    addresses=("2001:db8::11/64", "192.0.2.11/24"),
    vcpus=2,
    memory_mb=1963,
    disk_bytes=20 * 2**30,
    platforms=("Debian 12", "Debian 12.5"),
)


def found(field: str, documented: Documented = DOCUMENTED, measured: Measured = MEASURED, **settings) -> Finding:
    [finding] = compare(documented, measured, Settings(fields=(field,), **settings))
    return finding


def test_a_host_as_it_is_documented():
    findings = compare(DOCUMENTED, MEASURED, Settings())

    assert [finding.field for finding in findings] == list(FIELDS)
    assert {finding.state for finding in findings} == {SAME}


def test_netbox_has_no_size_of_a_device():
    findings = compare(replace(DOCUMENTED, kind=DEVICE), MEASURED, Settings())

    assert [finding.field for finding in findings] == ["name", "addresses", "primary_address", "platform"]


@pytest.mark.parametrize(
    ("name", "told", "state"),
    [
        ("web-01", ("web-01",), SAME),
        ("WEB-01", ("web-01",), SAME),
        ("web-01.example.com", ("web-01",), SAME),
        ("web-01", ("web-01.example.com",), SAME),
        ("web-01", ("web-02", "web-02.example.com"), DIFFERS),
        ("web", ("web-01",), DIFFERS),
    ],
)
def test_names(name, told, state):
    finding = found("name", replace(DOCUMENTED, name=name), replace(MEASURED, names=told))

    assert (finding.state, finding.proposed) == (state, None)


def test_addresses_that_are_missing_here_and_there():
    finding = found("addresses", measured=replace(MEASURED, addresses=("192.0.2.11/25", "2001:db8::11/64", "192.0.2.9/24")))

    assert finding.state == DIFFERS
    assert finding.documented == ["192.0.2.11/24", "2001:db8::11/64"]
    assert finding.measured == ["192.0.2.9/24", "192.0.2.11/25", "2001:db8::11/64"]
    assert finding.note == "not on the host: 192.0.2.11/24; not in NetBox: 192.0.2.9/24, 192.0.2.11/25"
    assert finding.proposed is None


def test_an_address_that_floats_may_be_there_or_not():
    documented = replace(DOCUMENTED, floating=("192.0.2.99/24",))

    assert found("addresses", documented).state == SAME
    assert found("addresses", documented, replace(MEASURED, addresses=(*MEASURED.addresses, "192.0.2.99/24"))).state == SAME


@pytest.mark.parametrize(
    ("primary", "state", "note"),
    [
        ((("192.0.2.11",), ("2001:db8::11",)), SAME, ""),
        ((("203.0.113.5", "192.0.2.11"),), SAME, ""),
        ((("192.0.2.11",), ("203.0.113.5",)), DIFFERS, "not on the host: 203.0.113.5"),
        ((), DIFFERS, "NetBox has no primary address"),
    ],
)
def test_the_primary_address_is_on_the_host(primary, state, note):
    finding = found("primary_address", replace(DOCUMENTED, primary=primary))

    assert (finding.state, finding.note, finding.proposed) == (state, note, None)


@pytest.mark.parametrize("documented", [1.0, 4.0, 2.5, None])
def test_vcpus_are_exact(documented):
    finding = found("vcpus", replace(DOCUMENTED, vcpus=documented))

    assert (finding.state, finding.documented, finding.measured, finding.proposed) == (DIFFERS, documented, 2, 2)


@pytest.mark.parametrize(
    ("documented", "state"), [(2048, SAME), (2000, SAME), (1800, SAME), (2182, DIFFERS), (1700, DIFFERS), (4096, DIFFERS), (None, DIFFERS)]
)
def test_memory_has_a_tolerance(documented, state):
    finding = found("memory", replace(DOCUMENTED, memory_mb=documented))

    assert (finding.state, finding.measured) == (state, 1963)
    assert finding.proposed == (None if state == SAME else 2048)


def test_the_tolerances_can_be_said():
    assert found("memory", memory_tolerance=1).state == DIFFERS
    assert found("disk", disk_tolerance=1).state == DIFFERS
    assert found("disk", replace(DOCUMENTED, disk_mb=20480), disk_tolerance=0, disk_base=1024).state == SAME


@pytest.mark.parametrize(("documented", "state", "proposed"), [(20000, SAME, None), (21475, SAME, None), (40000, DIFFERS, 21475), (None, DIFFERS, 21475)])
def test_disks(documented, state, proposed):
    finding = found("disk", replace(DOCUMENTED, disk_mb=documented))

    assert (finding.state, finding.measured, finding.proposed) == (state, 21475, proposed)


def test_disks_that_netbox_adds_up_itself_are_not_corrected():
    finding = found("disk", replace(DOCUMENTED, disk_mb=40000, virtual_disks=2))

    assert (finding.state, finding.proposed) == (DIFFERS, None)
    assert "from 2 virtual disks" in finding.note


@pytest.mark.parametrize(
    ("platform", "told", "mapping", "state", "proposed"),
    [
        (DEBIAN, ("Debian 12", "Debian 12.5"), {}, SAME, None),
        (Platform(2, "Bookworm", "debian-12"), ("Debian 12",), {}, SAME, None),
        (Platform(3, "Ubuntu 22.04", "ubuntu-2204"), ("Ubuntu 22", "Ubuntu 22.04"), {}, SAME, None),
        (Platform(3, "Jammy", "ubuntu-2204"), ("Ubuntu 22", "Ubuntu 22.04"), {}, SAME, None),
        (DEBIAN, ("Debian 13", "Debian 13.1"), {}, DIFFERS, ["Debian 13", "Debian 13.1"]),
        (None, ("Debian 12",), {}, DIFFERS, ["Debian 12"]),
        (Platform(4, "RHEL 9", "rhel-9"), ("RedHat 9", "RedHat 9.4"), {"RedHat 9": "rhel-9"}, SAME, None),
        (Platform(4, "RHEL 9", "rhel-9"), ("RedHat 9", "RedHat 9.4"), {"redhat 9": "RHEL 9"}, SAME, None),
        (Platform(5, "Linux", "linux"), ("Debian 12",), {"Debian": "linux"}, SAME, None),
        (DEBIAN, ("Debian 12",), {"Debian 12": "linux"}, DIFFERS, ["linux"]),
    ],
)
def test_platforms(platform, told, mapping, state, proposed):
    finding = found("platform", replace(DOCUMENTED, platform=platform), replace(MEASURED, platforms=told), platforms=mapping)

    assert (finding.state, finding.proposed) == (state, proposed)


def test_what_the_host_does_not_tell_is_unknown_and_never_proposed():
    unknown = dict.fromkeys(("name", "addresses", "vcpus", "memory", "disk", "platform"), "no such fact")

    findings = compare(DOCUMENTED, Measured(unknown=unknown), Settings())

    assert [(finding.state, finding.measured, finding.note, finding.proposed) for finding in findings] == [(UNKNOWN, None, "no such fact", None)] * 7
    assert findings[4].documented == 2048


COUNTS = st.integers(1, 2**31 - 1)


@given(
    st.builds(replace, st.just(DOCUMENTED), vcpus=st.none() | st.floats(0, 9999), memory_mb=st.none() | COUNTS, disk_mb=st.none() | COUNTS),
    st.builds(replace, st.just(MEASURED), vcpus=st.integers(1, 9999), memory_mb=COUNTS, disk_bytes=st.integers(1, 2**50)),
    st.builds(Settings, memory_tolerance=st.floats(0, 50), disk_tolerance=st.floats(0, 50), disk_base=st.sampled_from([1000, 1024])),
)
def test_what_is_proposed_does_not_differ_once_it_is_written(documented, measured, settings):
    keys = {"vcpus": "vcpus", "memory": "memory_mb", "disk": "disk_mb"}
    proposed = {finding.field: finding.proposed for finding in compare(documented, measured, settings) if finding.proposed is not None}

    corrected = replace(documented, **{keys[field]: value for field, value in proposed.items()})

    assert {finding.state for finding in compare(corrected, measured, settings)} == {SAME}
