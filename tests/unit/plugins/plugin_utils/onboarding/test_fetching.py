# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was too long for a dispatch is what the newest event of its case says, made harmless."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.documented import Documented, NotDocumented
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.fetching import fetch

UPDATED = "netbox.virtualmachine.updated"


class Answering:
    """A router that has one answer, and remembers what it was asked."""

    def __init__(self, *cases: dict) -> None:
        self.cases = list(cases)
        self.asked: list = []

    def post(self, path: str, body: dict) -> dict:
        self.asked.append((path, body["ids"], body["story"]))
        return {"cases": self.cases}


def case(*events: object) -> dict:
    return {"id": 7, "events": [{"event": event, "child": "netbox"} for event in events]}


def test_the_newest_event_counts_and_its_text_is_made_harmless():
    new = {"type": UPDATED, "data": {"object": {"name": "vm-01", "comments": "{{ x }}"}, "changed": ["tags"]}}
    router = Answering(case({"type": UPDATED, "data": {}}, new, {"type": UPDATED, "data": {"object": {"name": "old"}}}))

    assert fetch(7, router) == Documented({"name": "vm-01", "comments": "\uff5b{ x }}"}, ("tags",))
    assert router.asked == [("/find", [7], True)]


@pytest.mark.parametrize("cases", [[], [case()], [case(None, {"type": UPDATED}, {"type": "alert.firing", "data": {"object": {}}})]])
def test_where_the_case_has_no_object_either_it_is_said(cases):
    with pytest.raises(NotDocumented, match="case 7 of the router has none either"):
        fetch(7, Answering(*cases))
