# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is corrected in NetBox, what is left, and the note in the journal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.comparison import compare
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.correction import Correction, carry_out, journal_text, plan
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import CORRECTABLE, DEVICE, Settings
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.netbox.drift.test_comparison import DOCUMENTED, MEASURED

PLATFORMS = [{"id": 3, "name": "Debian 13", "slug": "debian-13"}, {"id": 4, "name": "RHEL 9", "slug": "rhel-9"}, {"id": 5, "name": "Other", "slug": "other"}]
OTHER = replace(MEASURED, vcpus=4, memory_mb=7941, disk_bytes=40 * 10**9, platforms=("Debian 13", "Debian 13.1"), names=("other",))


class Writing:
    """A NetBox with some platforms, which ignores filters and notes what is written."""

    def __init__(self) -> None:
        self.written: list[tuple] = []

    def all(self, path: str, parameters):
        assert path == "/api/dcim/platforms/"
        yield from PLATFORMS

    def write(self, method: str, path: str, values: dict) -> dict:
        self.written.append((method, path, values))
        return {}


def planned(measured=OTHER, fields=CORRECTABLE, documented=DOCUMENTED, **settings) -> Correction:
    return plan(Writing(), documented, compare(documented, measured, Settings(**settings)), fields)


def test_what_was_asked_for_is_corrected():
    assert planned() == Correction(
        values={"vcpus": 4, "memory": 8192, "disk": 40000, "platform": 3},
        before={"vcpus": 2.0, "memory": 2048, "disk": 20000, "platform": "Debian 12"},
        after={"vcpus": 4, "memory": 8192, "disk": 40000, "platform": "Debian 13"},
        left={},
    )
    assert planned(fields=["vcpus"]).values == {"vcpus": 4}
    assert planned(fields=[]) == planned(measured=MEASURED) == Correction()


def test_names_and_addresses_never_are():
    assert planned(fields=["name", "addresses", "primary_address"]) == Correction()


def test_a_platform_by_the_mapping_and_by_its_slug():
    assert planned(fields=["platform"], platforms={"Debian 13": "rhel-9"}).values == {"platform": 4}


def test_a_platform_that_netbox_does_not_have_is_not_made():
    correction = planned(replace(OTHER, platforms=("Haiku 1",)), ["platform"])

    assert correction.values == {}
    assert correction.left == {"platform": "NetBox has no platform with the name or slug Haiku 1: create it, or say in the mapping which is meant"}


def test_disks_that_netbox_adds_up_are_left():
    correction = planned(documented=replace(DOCUMENTED, virtual_disks=1), fields=["disk"])

    assert (correction.values, list(correction.left)) == ({}, ["disk"])


def test_disks_of_an_old_netbox_are_in_gb():
    assert planned(documented=replace(DOCUMENTED, disk_unit_mb=1000), fields=["disk"]).values == {"disk": 40}


@pytest.mark.parametrize(("kind", "path"), [(DOCUMENTED.kind, "/api/virtualization/virtual-machines/17/"), (DEVICE, "/api/dcim/devices/17/")])
def test_the_object_is_changed_and_its_journal_says_so(kind, path):
    netbox, correction = Writing(), Correction({"vcpus": 4}, {"vcpus": 2.0}, {"vcpus": 4})

    carry_out(netbox, replace(DOCUMENTED, kind=kind), correction, "web-01")

    comments = "Corrected to what was measured on the host `web-01` (eventops.infra.netbox_drift): vcpus from 2 to 4."
    assert netbox.written == [
        ("PATCH", path, {"vcpus": 4}),
        ("POST", "/api/extras/journal-entries/", {"assigned_object_type": kind, "assigned_object_id": 17, "kind": "info", "comments": comments}),
    ]


def test_the_note_has_units():
    correction = Correction({}, {"vcpus": 2.5, "memory": None, "disk": 20000, "platform": "A"}, {"vcpus": 4, "memory": 8192, "disk": 40000, "platform": "B"})

    assert journal_text(correction, "h").endswith("vcpus from 2.5 to 4; memory from nothing to 8192 MB; disk from 20000 MB to 40000 MB; platform from A to B.")
