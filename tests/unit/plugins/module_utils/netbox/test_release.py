# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NetBox it is, and what NetBox 4.0 calls the types of events."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.netbox.event_types import switches
from ansible_collections.eventops.infra.plugins.module_utils.netbox.release import release


@pytest.mark.parametrize(("version", "numbers"), [("4.6.8", (4, 6)), ("4.10.1-Docker-3.4.1", (4, 10)), ("4.7.0-beta1", (4, 7)), ("3.7", (3, 7))])
def test_the_first_two_numbers_count(version: str, numbers: tuple[int, int]) -> None:
    assert release(version) == numbers


@pytest.mark.parametrize("version", ["", "four", "4"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="expected a version of NetBox"):
        release(version)


def test_each_type_of_event_has_a_switch() -> None:
    assert switches(["object_created", "job_failed"]) == {
        "type_create": True,
        "type_update": False,
        "type_delete": False,
        "type_job_start": False,
        "type_job_end": True,
    }
