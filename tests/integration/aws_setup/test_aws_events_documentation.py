# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/aws_events.md shows, run as it is shown."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.extensions.eda.plugins.event_source.cloudwatch import main
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.e2e.documents import DOCS, block, blocks
from ansible_collections.eventops.infra.tests.integration.aws_setup.account import everything
from ansible_collections.eventops.infra.tests.integration.aws_setup.command_line import call_of, run
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator

PAGE = "aws_events.md"
PAGES = ("aws_events.md", "aws_lambda.md")


def test_the_page_leads_from_an_empty_account_to_cases_and_back(operator: Operator, aws: RunningAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    operator.write("aws.yml", block(PAGE, "yaml", "# aws.yml"))
    (set_up,) = [shown for shown in blocks(PAGE, "console") if "--check" in shown]
    check, do = map(shlex.split, set_up.splitlines())
    (undo,) = [shlex.split(line) for line in blocks(PAGE, "console") if "absent" in line]
    firing, over = block(PAGE, "console", "aws cloudwatch").splitlines()
    assert (check, undo) == ([*do, "--check", "--diff"], [*do, "-e", "aws_events_state=absent"])
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    checked = operator.play(check[1], *check[2:])
    assert not any(everything(aws).values())
    done = operator.play(do[1], *do[2:])

    assert checked.rc == done.rc == 0, checked.output + done.output
    assert checked.of("changed") == done.of("changed")
    made = everything(aws)
    assert {kind: len(things) for kind, things in made.items()} == {"queues": 2, "topics": 0, "rules": 4, "alarms": 3}
    for command in (firing, over):
        run(aws, command)
    events = asyncio.run(told_by_the_source_of_the_page(tmp_path / "state", 2, aws))
    told = [(event["type"], event["data"]["name"]) for event in events]
    assert told == [("alert.firing", "eventops-web-cpu-high"), ("alert.resolved", "eventops-web-cpu-high")]
    assert events[0]["dedup_key"] == events[1]["dedup_key"]
    # What the rule of the page reads.
    assert events[0]["data"]["labels"]["AutoScalingGroupName"] == "web"

    undone = operator.play(undo[1], *undo[2:])
    assert undone.rc == 0, undone.output
    assert not any(everything(aws).values())


async def told_by_the_source_of_the_page(state: Path, events: int, aws: RunningAws) -> list[dict]:
    """Start the source with the arguments that the page's rulebook has, without the router, and return what it tells, when its messages are deleted."""
    (ruleset,) = yaml.safe_load(block(PAGE, "yaml", "# rulebook.yml"))
    (child,) = ruleset["sources"][0]["eventops.infra.router"]["sources"]
    queue: asyncio.Queue = asyncio.Queue()
    started = asyncio.create_task(main(queue, {**child["eventops.infra.cloudwatch"], "state": str(state)}))
    try:
        async with asyncio.timeout(60):
            told = [await queue.get() for _number in range(events)]
            while await asyncio.to_thread(_messages, aws):
                await asyncio.sleep(0.1)
            return told
    finally:
        started.cancel()
        await asyncio.gather(started, return_exceptions=True)


def _messages(aws: RunningAws) -> int:
    """Return how many messages the queue of the page has, in whosever hands."""
    client = aws.client("sqs")
    url = client.get_queue_url(QueueName="eventops")["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_aws_are_such_that_its_services_know(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    commands = [line for shown in blocks(page, "console") for line in shown.splitlines() if line.startswith("aws ")] + re.findall(r"`(aws [^`]+)`", text)
    assert commands
    for command in commands:
        call_of(command)
