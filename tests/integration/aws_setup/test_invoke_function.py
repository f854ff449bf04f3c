# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook invoke_function: a function that the inventory allows, invoked once, within its time, and its answer checked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.aws_setup.functions import Functions, LostConnection, running_functions
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator
from ansible_collections.eventops.infra.tests.integration.roles.lying import lying
from ansible_collections.eventops.infra.tests.integration.roles.site import Run

PLAYBOOK = "eventops.infra.invoke_function"
DRAIN = {
    "name": "take out",
    "function": "arn:aws:lambda:eu-central-1:123456789012:function:drain",
    "qualifier": "live",
    "timeout": 20,
    "payload": {"instance": "{{ instance_id }}", "force": False},
    "inputs": {"seconds": "[1-9][0-9]?", "why": "[a-z ]{1,40}"},
    "expect": {"state": "drained", "left[0]": 0},
}
DRAINED = {"state": "drained", "left": [0, 5], "note": "{{ lookup('pipe', 'touch ran') }}"}
INPUTS = {"seconds": 30, "why": "cpu too high"}


@pytest.fixture
def functions() -> Iterator[Functions]:
    """Run a Lambda with the function drain."""
    with running_functions() as running:
        running.handlers["drain"] = lambda _payload: DRAINED
        yield running


@pytest.fixture
def site(operator: Operator, functions: Functions) -> Operator:
    """Return a site with two hosts, whose Lambda is the double."""
    operator.env["AWS_ENDPOINT_URL_LAMBDA"] = functions.url
    allow(operator, DRAIN)
    return operator


def allow(site: Operator, *entries: dict) -> None:
    """Write what may be invoked into the inventory."""
    site.inventory({"localhost": {}, "web-01": {"instance_id": "i-01"}, "web-02": {"instance_id": "i-02"}})
    site.write("inventory/group_vars/all.yml", yaml.safe_dump({"invoke_function_allowed": list(entries)}))


def invoke(site: Operator, *options: str, name: str = "take out", inputs: dict | None = None, limit: str = "web-01", **variables: object) -> Run:
    """Run the playbook."""
    own = {"invoke_function_name": name, "invoke_function_inputs": INPUTS if inputs is None else inputs, **variables}
    return site.play(PLAYBOOK, *options, limit=limit, variables=own)


def test_each_host_has_it_invoked_with_what_the_inventory_says_and_lets_in(site: Operator, functions: Functions) -> None:
    run = invoke(site, limit="web-01,web-02")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"web-01": 1, "web-02": 1}
    assert f"the function {DRAIN['function']} answered as expected." in run.text
    assert sorted(functions.invoked, key=json.dumps) == [
        ("drain", "live", "RequestResponse", {"instance": instance, "force": False, **INPUTS}) for instance in ("i-01", "i-02")
    ]


def test_check_mode_asks_whether_it_could_be_invoked_and_does_not_invoke_it(site: Operator, functions: Functions) -> None:
    run = invoke(site, "--check")

    assert run.rc == 0, run.output
    assert run.of("changed") == {"web-01": 1}
    assert [kind for _name, _qualifier, kind, _payload in functions.invoked] == ["DryRun"]
    assert f"the function {DRAIN['function']} could be invoked, and was not: this is check mode." in run.text

    functions.handlers.clear()

    missing = invoke(site, "--check")

    assert missing.rc != 0
    assert "AWS refused Invoke with ResourceNotFoundException: Function not found: drain" in missing.text


def test_another_role_has_it_as_a_step_and_goes_on_with_the_answer_which_is_no_template(site: Operator, functions: Functions) -> None:
    step = {
        "ansible.builtin.include_role": {"name": "eventops.infra.invoke_function"},
        "vars": {"invoke_function_name": "take out", "invoke_function_inputs": INPUTS},
    }
    keep = {"content": "{{ invoke_function_result | to_json }}", "dest": str(site.directory / "answer.json")}
    tasks = [step, {"ansible.builtin.copy": keep}, {"ansible.builtin.debug": {"msg": "{{ invoke_function_result.note }}"}}]
    playbook = site.write("own.yml", yaml.safe_dump([{"hosts": "web-02", "gather_facts": False, "tasks": tasks}], sort_keys=False))

    run = site.play(playbook)

    assert run.rc == 0, run.output
    assert json.loads((site.directory / "answer.json").read_text(encoding="utf-8")) == DRAINED
    assert not list(site.directory.rglob("ran"))
    assert [payload["instance"] for payload in functions.ran] == ["i-02"]


@pytest.mark.parametrize(
    ("name", "said"), [("invoke_function_allowed", [{**DRAIN, "function": "evil", "payload": {}, "expect": {}}]), ("omit", "http://127.0.0.1:9")]
)
def test_no_host_says_by_its_facts_what_may_be_invoked(site: Operator, functions: Functions, tmp_path: Path, name: str, said: object) -> None:
    facts = {name: said}
    functions.handlers["evil"] = lambda _payload: DRAINED
    site.inventory({"localhost": {}, "web-01": {"instance_id": "i-01", **lying(tmp_path, facts)}})
    role = {"role": "eventops.infra.invoke_function", "invoke_function_name": "take out", "invoke_function_inputs": INPUTS}
    playbook = site.write("own.yml", yaml.safe_dump([{"hosts": "web-01", "gather_facts": True, "roles": [role]}], sort_keys=False))

    run = site.play(playbook)

    assert run.of("failed") == {"web-01": 1}
    assert f"Facts of web-01 have names of what the inventory says: {name}" in run.text
    assert functions.invoked == []


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_an_answer_that_is_nested_too_deeply_is_a_text(site: Operator, functions: Functions, depth: int) -> None:
    functions.handlers["drain"] = lambda _payload: b"[" * depth + b"]" * depth

    run = invoke(site)

    assert run.of("failed") == {"web-01": 1}
    assert "did not answer as expected" in run.text


def fail(_payload: object) -> object:
    """Fail as a function does."""
    raise RuntimeError("the load balancer\nis not mine")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (fail, "the function arn:aws:lambda:eu-central-1:123456789012:function:drain failed (Unhandled): RuntimeError: the load balancer is not mine"),
        (lambda _payload: {"state": "busy", "left": [0]}, 'ran, and did not answer as expected: state should be "drained" and is "busy"'),
        (lambda _payload: {"state": "drained", "left": []}, "left[0] should be 0 and is not there"),
        (lambda _payload: {"state": "drained", "left": [False]}, "left[0] should be 0 and is false"),
        (lambda _payload: None, 'left[0] should be 0 and is not there; state should be "drained" and is not there'),
        (lambda _payload: b"<html>", 'state should be "drained" and is not there'),
        # It did not fail, whatever its answer looks like.
        (lambda _payload: {"errorMessage": "none", "state": "drained", "left": [0]}, ""),
    ],
)
def test_what_a_function_says_decides_and_not_that_it_was_asked(site: Operator, functions: Functions, answer, said: str) -> None:
    functions.handlers["drain"] = answer

    run = invoke(site)

    assert (run.rc == 0) == (not said), run.output
    assert said in run.text
    assert len(functions.ran) == 1


def test_a_function_that_does_not_answer_in_time_is_waited_for_no_longer_and_not_invoked_again(site: Operator, functions: Functions) -> None:
    answers = threading.Event()
    functions.handlers["drain"] = lambda _payload: answers.wait(120)
    allow(site, {**DRAIN, "timeout": 1})

    # The function does not answer before the run is over: a run that waits for it says something else.
    try:
        run = invoke(site)
    finally:
        answers.set()

    assert run.rc != 0
    assert "It may have run, or may still be running, and is not invoked again" in run.text
    assert len(functions.ran) == 1


def test_a_lost_answer_does_not_invoke_it_again(site: Operator, functions: Functions) -> None:
    def lose(_payload: object) -> object:
        raise LostConnection

    functions.handlers["drain"] = lose

    run = invoke(site)

    assert run.rc != 0
    assert "It may have run, or may still be running, and is not invoked again" in run.text
    assert len(functions.ran) == 1


@pytest.mark.parametrize(
    ("change", "given", "said"),
    [
        (
            {},
            {"name": "delete all"},
            'invoke_function_allowed has no function named "delete all", only: take out. What may be invoked is said in the inventory',
        ),
        ({}, {"name": "arn:aws:lambda:eu-central-1:123456789012:function:drain"}, "has no function named"),
        ({}, {"inputs": {}}, "The function needs the inputs: seconds, why."),
        ({}, {"inputs": {**INPUTS, "instance": "i-99"}}, "inputs does not let in: instance."),
        ({}, {"inputs": {**INPUTS, "seconds": "30; reboot"}}, 'The input seconds must match "[1-9][0-9]?", and does not.'),
        ({}, {"inputs": {**INPUTS, "seconds": "30\n"}}, "The input seconds must match"),
        ({}, {"inputs": {**INPUTS, "seconds": 300}}, "The input seconds must match"),
        ({}, {"inputs": {**INPUTS, "why": {"a": "b"}}}, "The input why must be a text, a number or a boolean."),
        ({}, {"inputs": {**INPUTS, "why": ["a"]}}, "The input why must be a text, a number or a boolean."),
        ({}, {"inputs": {**INPUTS, "why": None}}, "The input why must be a text, a number or a boolean."),
        ({}, {"inputs": {**INPUTS, "why": "{{ 1 }}"}}, "The input why must match"),
        ({"inputs": {"seconds": "30|40", "why": ".*"}}, {"inputs": {**INPUTS, "seconds": "300"}}, "The input seconds must match"),
        ({"inputs": {"instance": ".*"}}, {"inputs": {"instance": "i-99"}}, "has the same in payload and in inputs: instance."),
        ({"timeout": 0}, {}, "timeout must be from 1 to 900 seconds, got 0."),
        ({"timeout": 901}, {}, "timeout must be from 1 to 900 seconds, got 901."),
        ({"function": "drain:live"}, {}, "function must be the name of a function or its ARN without a version"),
        ({"function": "../drain"}, {}, "function must be the name of a function"),
        ({"qualifier": "a b"}, {}, "qualifier must be a version or an alias"),
        ({"expect": {"a..b": 1}}, {}, "expect: expected a path such as body.items[0].name, or $ for all of it, got 'a..b'"),
        ({"payload": {"text": "x" * 140000}}, {}, "The payload has more than 128 KiB."),
        ({"colour": "red"}, {}, "colour"),
    ],
)
def test_what_the_inventory_does_not_allow_is_refused_before_aws_is_asked(site: Operator, functions: Functions, change: dict, given: dict, said: str) -> None:
    allow(site, DRAIN | change)

    run = invoke(site, **given)

    assert run.rc != 0
    assert said in run.text
    assert "reboot" not in run.output
    assert functions.invoked == []


def test_a_name_that_is_there_twice_is_refused(site: Operator, functions: Functions) -> None:
    allow(site, DRAIN, {**DRAIN, "function": "other"})

    run = invoke(site)

    assert run.rc != 0
    assert 'invoke_function_allowed["take out"] is there 2 times' in run.text
    assert functions.invoked == []


def test_it_does_not_run_without_the_limit(site: Operator, functions: Functions) -> None:
    run = site.play(PLAYBOOK, variables={"invoke_function_name": "take out", "invoke_function_inputs": INPUTS})

    assert run.rc != 0
    assert "This run is refused." in run.text
    assert functions.invoked == []


def test_motos_lambda_is_invoked_too(operator: Operator, aws: RunningAws) -> None:
    # Without Docker it runs nothing, and answers with what was prepared.
    requests.post(f"{aws.url}/moto-api/config", json={"lambda": {"use_docker": False}}, timeout=30).raise_for_status()
    answers = {"results": [json.dumps(DRAINED)], "region": "eu-central-1"}
    requests.post(f"{aws.url}/moto-api/static/lambda-simple/response", json=answers, timeout=30).raise_for_status()
    allow(operator, DRAIN)

    run = invoke(operator)

    assert run.rc == 0, run.output
