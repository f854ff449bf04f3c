# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases of an event are about a host."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.action.case_note import LONGEST, MOST, cases_about, few, shortened

MERGED = {
    "case": {"id": 1},
    "events": [
        {"case": 1, "hosts": ["web-01"]},
        {"case": 2, "hosts": ["web-02", "web-03"]},
        {"case": 3, "hosts": ["web-03"]},
        {"case": 3, "hosts": ["web-03"]},
    ],
}


@pytest.mark.parametrize(
    ("host", "event", "cases"),
    [
        ("web-01", {"case": {"id": 17}, "events": []}, [17]),
        ("web-01", {"case": {"id": 17}}, [17]),
        ("web-01", MERGED, [1]),
        ("web-03", MERGED, [2, 3]),
        ("db-01", MERGED, []),
        ("localhost", {"events": [{"case": 1, "hosts": []}, {"case": 2, "hosts": ["web-01"]}, {"case": 3, "hosts": []}]}, [1, 3]),
        ("web-01", None, []),
        ("web-01", "{{ lookup('pipe', 'id') }}", []),
        ("web-01", {"case": "17"}, []),
        ("web-01", {"case": {"id": "17"}}, []),
        ("web-01", {"case": {"id": True}}, []),
        ("web-01", {"case": {"id": -1}}, []),
        ("web-01", {"events": [{"case": {"id": 1}, "hosts": ["web-01"]}, {"case": 5, "hosts": "web-01"}, 7]}, []),
    ],
)
def test_the_cases_of_a_run_that_are_about_the_host(host, event, cases):
    assert cases_about(host, event) == cases


def test_a_long_note_keeps_its_beginning():
    assert shortened("a" * LONGEST) == "a" * LONGEST
    assert shortened("b" * 5000) == "b" * (LONGEST - 3) + "..."


def test_of_too_many_notes_the_first_are_kept():
    assert few(["a"] * MOST) == ["a"] * MOST
    assert few([str(number) for number in range(100_000)])[-2:] == [str(MOST - 2), "99951 more notes are left out"]
    assert len(few(["a"] * 100_000)) == MOST
