# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/aws_lambda.md shows: the function that sends an event, run under its policy, and functions as steps."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.e2e.documents import block, blocks
from ansible_collections.eventops.infra.tests.integration.aws.queue_taken import Taken
from ansible_collections.eventops.infra.tests.integration.aws_setup.command_line import call_of
from ansible_collections.eventops.infra.tests.integration.aws_setup.documented_policies import Calls, sections
from ansible_collections.eventops.infra.tests.integration.aws_setup.functions import running_functions
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator

PAGE = "aws_lambda.md"
HEADING = "A function that sends events"
# As Lambda's runtime calls it, in a process of its own.
RUNTIME = """
import json, sys, types
import eventops_send
context = types.SimpleNamespace(function_name="eventops-send", aws_request_id=sys.argv[1])
print(json.dumps(eventops_send.handler(json.load(sys.stdin), context)))
"""


@pytest.fixture
def taken(aws: RunningAws, tmp_path: Path) -> Taken:
    """Return the queue and its intake."""
    return Taken(tmp_path, aws, "eventops-functions").create()


def invoke(site: Operator, taken: Taken, told: object, request: str = "request-1") -> subprocess.CompletedProcess:
    """Run the function of the page."""
    site.write("function/eventops_send.py", block(PAGE, "python", "# eventops_send.py"))
    paths = [str(site.directory / "function"), *filter(None, [site.env.get("PYTHONPATH")])]
    env = {**site.env, "EVENTOPS_QUEUE_URL": taken.url, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", RUNTIME, request]
    return subprocess.run(command, input=json.dumps(told), env=env, capture_output=True, text=True, timeout=60, check=False)


def payload_of_the_page() -> dict:
    """Return what the page invokes the function with."""
    (command,) = [line for shown in blocks(PAGE, "console") for line in shown.splitlines() if line.startswith("aws lambda invoke")]
    return json.loads(call_of(command)[2]["Payload"])


def test_the_function_sends_an_event_that_the_queue_takes_in_once(operator: Operator, taken: Taken, under: Callable[..., Calls]) -> None:
    calls = under(HEADING, "Queues", queue="eventops-functions")

    first, again, over = (
        invoke(operator, taken, payload_of_the_page()),
        invoke(operator, taken, payload_of_the_page()),  # Lambda tries again
        invoke(operator, taken, {**payload_of_the_page(), "type": "alert.resolved"}, "request-2"),
    )

    assert [each.returncode for each in (first, again, over)] == [0, 0, 0], first.stderr
    assert calls.denied == []
    # Only what its own policy grants; and Lambda writes the log, not the function.
    assert calls.used == {("SendEvents", "sqs:SendMessage")}
    unused = calls.unused(sections()[HEADING])
    assert unused == [("WriteItsLog", "logs:CreateLogStream"), ("WriteItsLog", "logs:PutLogEvents")]

    async def scene() -> None:
        async with taken.running():
            await taken.until(lambda: len(taken.events()) == 2 and taken.is_empty())

    asyncio.run(scene())
    firing, resolved = sorted(taken.events(), key=lambda event: event.type)
    taken.close()
    assert (firing.type, resolved.type, firing.id, resolved.id) == ("alert.firing", "alert.resolved", "request-1", "request-2")
    assert firing.dedup_key == resolved.dedup_key
    shown = json.loads(next(shown for shown in blocks(PAGE, "json") if "lambda:eventops-send" in shown))
    told = {"type": firing.type, "source": firing.source, "severity": firing.severity, "hosts": list(firing.hosts), "dedup_key": firing.dedup_key}
    assert told | {"data": dict(firing.data)} == shown


def test_its_message_is_read_by_the_adapter_for_envelopes_whatever_source_takes_it(operator: Operator, aws: RunningAws, taken: Taken) -> None:
    assert invoke(operator, taken, {**payload_of_the_page(), "extra": "left out"}).returncode == 0
    (message,) = aws.client("sqs").receive_message(QueueUrl=taken.url)["Messages"]
    taken.close()
    context = AdapterContext("another source", "2026-01-31T12:00:00Z", lambda: "new", Snapshot())

    # A stock source of SQS puts the body as it is read.
    (event,) = read_payload({"body": json.loads(message["Body"])}, adapter=None, settings={}, context=context)

    assert (event.type, event.id, event.source, event.hosts) == ("alert.firing", "request-1", "lambda:eventops-send", ("web-01",))
    assert "extra" not in message["Body"]


def test_the_function_fails_where_it_is_told_nothing_that_is_an_event(operator: Operator, aws: RunningAws, taken: Taken) -> None:
    failed = invoke(operator, taken, {"hosts": ["web-01"]})

    assert failed.returncode != 0
    assert "expected a type, such as alert.firing" in failed.stderr
    assert taken.is_empty()
    taken.close()


def test_the_page_invokes_a_function_for_a_host_and_in_a_role(operator: Operator) -> None:
    operator.inventory({"localhost": {}, "web-01": {"instance_id": "i-01"}})
    operator.write("inventory/group_vars/all/functions.yml", block(PAGE, "yaml", "# inventory/group_vars/all/functions.yml"))
    operator.write("drain.yml", block(PAGE, "yaml", "# drain.yml"))
    tasks = yaml.safe_load(block(PAGE, "yaml", "- name: Take it out of service"))
    playbook = operator.write("own.yml", yaml.safe_dump([{"hosts": "web-01", "gather_facts": False, "tasks": tasks}]))
    (check, do) = [shlex.split(line) for line in block(PAGE, "console", "ansible-playbook").splitlines()]
    (rule,) = yaml.safe_load(block(PAGE, "yaml", "- name: The disk of a web server fails"))
    variables = yaml.safe_load(block(PAGE, "yaml", "# drain.yml"))
    assert rule["action"]["run_playbook"] == {"name": do[1], "extra_vars": variables}
    assert tasks[0]["vars"] == variables

    with running_functions() as functions:
        functions.handlers["drain"] = lambda _payload: {"state": "drained"}
        checked, done = (operator.play(command[1], *command[2:], AWS_ENDPOINT_URL_LAMBDA=functions.url) for command in (check, do))
        own = operator.play(playbook, AWS_ENDPOINT_URL_LAMBDA=functions.url)

    assert checked.rc == done.rc == own.rc == 0, checked.output + done.output + own.output
    assert functions.ran == [{"instance": "i-01", "reason": "disk is failing"}] * 2
    assert '"msg": "drained"' in own.output
