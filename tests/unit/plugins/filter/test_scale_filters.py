# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filters of the role scale, from its variables to a decision, as templates call them: mappings in, mappings out, and no template in what is told."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.filter.scale_decision import scale_decision
from ansible_collections.eventops.infra.plugins.filter.scale_measurement import scale_measurement
from ansible_collections.eventops.infra.plugins.filter.scale_progress import scale_progress
from ansible_collections.eventops.infra.plugins.filter.scale_request import scale_request

NOW = 1_800_000_000.0
TEMPLATE = "{{ lookup('pipe', 'id') }}"
VARIABLES = {"groups": [{"name": "web", "provider": "command", "min": 1, "max": 5, "cooldown": 300, "set": ["resize", "{to}"]}], "group": "web"}


def test_from_the_variables_to_a_decision_and_its_progress():
    request = scale_request(VARIABLES | {"direction": "out", "for": "1h"}, NOW)
    before = scale_measurement('{"desired": 2, "instances": ["a", "b"]}')["measured"]
    decision = scale_decision(before, request, NOW, 17)
    after = scale_measurement({"desired": 3, "instances": ["a", "b", "c"], "record": decision["record"]})["measured"]

    assert request["mistakes"] == []
    assert request["entry"] == VARIABLES["groups"][0]  # as it is written: it has the program
    assert (decision["verdict"], decision["to"]) == ("scale", 3)
    assert scale_progress(after, before, decision["to"]) == {"arrived": True, "came": ["c"], "went": [], "missing": ""}
    back = scale_request(VARIABLES | {"give_back": request["temporary"]}, NOW)
    assert scale_decision(after, back, NOW + 1)["to"] == 2
    json.dumps([request, before, decision])  # nothing in it that a template does not know


@pytest.mark.parametrize(("asked", "to"), [({"to": "4"}, 4), ({"direction": "in"}, 1)])
def test_what_is_asked_goes_through_templates(asked, to):
    request = json.loads(json.dumps(scale_request(VARIABLES | asked, NOW)))
    assert scale_decision({"desired": 2, "serving": 2}, request, NOW)["to"] == to


def test_each_temporary_addition_has_a_name_of_its_own_that_is_no_number():
    names = {scale_request(VARIABLES | {"direction": "out", "for": 60}, NOW)["temporary"] for _each in range(50)}
    assert len(names) == 50
    assert all(name.startswith("t") for name in names)
    assert scale_request(VARIABLES | {"direction": "out"}, NOW)["temporary"] is None


def test_no_template_comes_out_of_what_was_told():
    told = [
        scale_request(VARIABLES | {"group": TEMPLATE, "direction": TEMPLATE}, NOW),
        scale_measurement({TEMPLATE: 1}),
        scale_measurement(TEMPLATE),
        scale_measurement({"desired": 1, "instances": [TEMPLATE], "trouble": TEMPLATE}),
        scale_decision({"desired": 1, "serving": 1, "in_progress": TEMPLATE}, scale_request(VARIABLES | {"direction": "out"}, NOW), NOW),
        scale_progress({"desired": 1, "instances": [TEMPLATE], "trouble": TEMPLATE}, {"desired": 1, "serving": 1}, 2),
    ]
    assert "{{" not in json.dumps(told)
    assert "lookup" in json.dumps(told)


@pytest.mark.parametrize("nothing", ["", {}])
def test_nothing_measured_is_told_elsewhere(nothing):
    assert scale_measurement(nothing) == {"measured": {}, "problem": ""}
    assert scale_progress(nothing, {"desired": 1, "serving": 1}, 2)["arrived"] is False


def test_a_record_that_was_kept_elsewhere_is_added():
    assert scale_measurement({"desired": 1, "serving": 1}, "kept")["measured"]["record"] == "kept"
    assert scale_measurement({"desired": 1, "serving": 1, "record": "own"}, "kept")["measured"]["record"] == "own"


@pytest.mark.parametrize("text", ["[" * 100_000, " " * 1_000_001, '{"desired": NaN, "serving": 1}', "null"])
def test_json_that_is_none_is_a_problem(text):
    assert scale_measurement(text)["problem"].startswith("what was measured cannot be used: ")


def test_mistakes_of_who_uses_them_are_errors():
    with pytest.raises(AnsibleFilterError):
        scale_request("web", NOW)
    with pytest.raises(AnsibleFilterError):
        scale_decision({"desired": 1, "serving": 1}, {"mistakes": ["x"]}, NOW)
