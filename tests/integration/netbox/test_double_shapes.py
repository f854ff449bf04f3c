# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double of NetBox answers as NetBox 4.6.8 was recorded to: by the OpenAPI schema, and by the recordings."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.doubles.netbox.openapi import component_of, differences, mistakes
from ansible_collections.eventops.infra.tests.doubles.netbox.registry import BY_PATH
from ansible_collections.eventops.infra.tests.doubles.netbox.schema import recorded as recorded_schema
from ansible_collections.eventops.infra.tests.integration.netbox.lab import (
    FIXTURES,
    INTERFACES,
    VM,
    VMS,
    Api,
    make_device,
    make_lab,
    make_vm,
    recorded,
)

LISTS = sorted(path for path, operations in recorded_schema()["paths"].items() if "{id}" not in path and "background" not in path and "status" not in path)
REQUESTS = sorted(path.stem for path in (FIXTURES / "api").glob("*.json"))
READS = [name for name in REQUESTS if not name.startswith("setup_") and name not in ("status", "journal_entry_post")]
SETUP = ["setup_site", "setup_cluster_type", "setup_cluster", "setup_custom_field", "setup_webhook"]
RULES = ["setup_event_rule_vm-all", "setup_event_rule_ip-all", "setup_event_rule_device-all"]
# Recorded while there was more than the lab has: only the page's frame and its rows are compared, not how many there are.
FRAMES = ("count", "next")


@pytest.fixture(scope="module")
def netbox():
    with running_netbox() as double:
        lab = make_lab(double)
        vm = make_vm(double, lab, "web01", "10.0.0.11/24")
        double.update(VM, vm, tags=[lab["tag"]], local_context_data={"ansible_roles": ["baseline"]}, vcpus=2, memory=2048)
        double.update(VM, vm, custom_fields={"login_user": "debian"})
        double.create("extras.configcontext", name="ntp", data={"ntp": ["10.0.0.1"]})
        make_device(double, lab, "dev01")
        double.add_webhook("http://127.0.0.1:9/netbox-vm", [VM])
        double.create("extras.journalentry", assigned_object_type=VM, assigned_object_id=vm, kind="success", comments="applied")
        gone = make_vm(double, lab, "fleeting", "10.0.0.12/24")
        double.delete(VM, gone)
        for number in range(120):
            double.create(VM, name=f"bulk{number:03}", cluster=lab["cluster"], status="offline")
        yield double


@pytest.fixture(scope="module")
def api(netbox):
    return Api(netbox.url, netbox.token)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_and_its_objects_are_as_the_schema_says(api, path):
    answer = api.get(path)
    assert answer["results"], path
    assert mistakes(component_of(path, "get", "200"), answer) == []
    number = answer["results"][-1]["id"]
    one = api.get(f"{path}{number}/")
    assert mistakes(component_of(f"{path}{{id}}/", "get", "200"), one) == []
    assert one.keys() == answer["results"][-1].keys()


@pytest.mark.parametrize("name", READS)
def test_what_was_recorded_is_as_the_schema_says(name):
    found = recorded(name)
    path = re.sub(r"/\d+/$", "/{id}/", found["request"]["path"].split("?")[0])
    if not re.search("fields=|brief=|exclude=", found["request"]["path"]):
        assert mistakes(component_of(path, "get", "200"), found["response"]) == []


@pytest.mark.parametrize("name", READS)
def test_a_recorded_question_has_an_answer_of_the_recorded_shape(api, name):
    found = recorded(name)
    path = found["request"]["path"].replace("2026-11-20T20:35:49.031860Z", "2020-01-01T00:00:00Z")
    answer = api.get(path)
    if "results" in answer:
        answer["results"] = answer["results"][: len(found["response"]["results"]) or None]
        assert answer["results"] or not found["response"]["results"], path
    for frame in FRAMES:
        assert (frame in found["response"]) == (frame in answer)
        if answer.get(frame) is None or found["response"].get(frame) is None:
            found["response"].pop(frame, None)
            answer.pop(frame, None)
    assert differences(found["response"], answer) == []


@pytest.mark.parametrize("name", ["vms_limit2", "object_changes_vm_ordered", "vms_fields", "vms_brief"])
def test_the_link_to_the_next_page_is_the_recorded_one(api, netbox, name):
    found = recorded(name)
    answer = api.get(found["request"]["path"])
    assert answer["next"] == found["response"]["next"].replace("http://127.0.0.1:8000", netbox.url)
    assert api.get(answer["next"].removeprefix(f"{netbox.url}/api/"))["results"]


def test_the_status_is_the_recorded_one(api):
    status = json.loads((FIXTURES / "api" / "status.json").read_text(encoding="utf-8"))
    assert api.get("status/") == status


def test_recorded_objects_are_made_as_they_were():
    with running_netbox() as double:
        api = Api(double.url, double.token)
        for name in [*SETUP, *RULES]:
            found = recorded(name)
            answer = api.ask("POST", found["request"]["path"], found["request"]["json"])
            assert answer.status == found["status"], (name, answer)
            assert list(found["response"]) == list(answer.body), name
            changing = ("created", "last_updated", "id", "action_object")
            made = {key: value for key, value in answer.body.items() if key not in changing and "url" not in key and not isinstance(value, dict)}
            assert made == {key: found["response"][key] for key in made}, name
            assert differences(found["response"], answer.body) == []
            assert mistakes(component_of(found["request"]["path"], "post", "201"), answer.body) == []


@pytest.mark.parametrize("model", [model for model in BY_PATH.values() if not model.recorded], ids=lambda model: model.path)
def test_what_was_not_recorded_has_the_frame_of_a_list_and_an_honest_schema(api, model):
    answer = api.get(f"{model.path}/?limit=1")
    assert list(answer) == ["count", "next", "previous", "results"]
    described = api.get("schema/?format=json")["paths"][f"/api/{model.path}/"]["get"]
    assert "Not recorded" in described["description"]


def test_an_interface_and_a_brief_object_are_as_recorded(api):
    assert list(api.results(f"{INTERFACES}/")[0]) == list(recorded("vm_interfaces")["response"]["results"][0])
    assert list(api.results(f"{VMS}/?brief=true")[0]) == list(recorded("vms_brief")["response"]["results"][0])
