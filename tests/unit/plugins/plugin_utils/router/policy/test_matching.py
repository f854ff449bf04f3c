# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases an override, a pause or a window means."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.matching import FIELDS, Subject, matches
from hypothesis import given
from hypothesis import strategies as st

DISK = Subject("alert.firing", "DiskFull", "incident", "error", "web-01", ("web-01", "web-02"), "monitors", "alert/DiskFull/web-01")


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({}, True),
        ({"type": "alert.firing", "name": "DiskFull"}, True),
        ({"type": "alert.firing", "name": "DiskFul"}, False),
        ({"name": ["CpuHigh", "Disk*"]}, True),
        ({"host": "web-02"}, True),
        ({"host": "web-0?"}, True),
        ({"host": "db-*"}, False),
        ({"severity": ["critical", "warning"]}, False),
        ({"child": "monitors", "kind": "incident", "dedup_key": "alert/*"}, True),
        ({"type": "alert"}, False),
    ],
)
def test_a_match_fits_when_every_field_of_it_does(match, fits):
    assert matches(match, DISK) is fits


def test_a_case_about_no_host_is_one_of_localhost():
    about_none = Subject("schedule.fired", "", "change", "info", "", (), "cron", "k")
    assert matches({"host": "localhost"}, about_none)


@given(st.text(), st.sampled_from([field for field in FIELDS if field not in ("host",)]))
def test_a_text_matches_itself_whatever_is_in_it(text, field):
    """Names of monitors hold brackets and stars; what is equal always fits."""
    values = dict.fromkeys(Subject.__slots__, "") | {"hosts": (), field: text}
    assert matches({field: text}, Subject(**values))
