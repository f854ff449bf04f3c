# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback to AWS while cases are being worked on: whoever looks at the thing sees the open case, and how it ended after that."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access import patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback
from ansible_collections.eventops.infra.tests.doubles.aws import faulty

from .looked_up import Machines, place_at
from .reported import KEY, Reported, tag_of

TAG = Feedback(tag=KEY)


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    monkeypatch.setattr(patience, "LONGEST_PAUSE_SECONDS", 1.0)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(name="instance")
def _instance(aws):
    return Machines(aws.client("ec2")).run()[0]


def asked(aws, instance):
    """Return a question for the tag of an instance."""

    async def ask():
        return await asyncio.to_thread(tag_of, aws, instance)

    return ask


def test_a_case_is_shown_while_it_is_worked_on_with_one_request_and_then_how_it_ended(aws, instance, tmp_path):
    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            case = await reported.begin(labels={"InstanceId": instance})
            await reported.until(asked(aws, instance), f"{case.id} open")
            for _attempt in range(20):
                case = await reported.go_on(case, "verifying", ran_at=1.0)
                case = await reported.go_on(case, "waiting", waits_for="backoff")
                case = await reported.go_on(case, "dispatched", count=case.count + 1)
                case = await reported.go_on(case, "running")
            await reported.go_on(case, "resolved")
            await reported.until(asked(aws, instance), f"{case.id} resolved")
            await reported.all_heard()

    asyncio.run(scene())
    assert aws.calls()["CreateTags"] == 2


def test_of_several_about_one_thing_the_newest_that_goes_on_is_shown(aws, instance, tmp_path):
    about = {"labels": {"InstanceId": instance}}

    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            first, second, third = [await reported.begin(**about) for _each in range(3)]
            await reported.until(asked(aws, instance), f"{third.id} open")
            await reported.go_on(first, "exhausted")
            await reported.all_heard()
            assert tag_of(aws, instance) == f"{third.id} open"
            await reported.go_on(third, "resolved")
            await reported.until(asked(aws, instance), f"{second.id} open")
            await reported.go_on(second, "resolved")
            await reported.until(asked(aws, instance), f"{second.id} resolved")

    asyncio.run(scene())


def test_a_storm_about_one_thing_is_few_requests(aws, instance, tmp_path):
    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            cases = await asyncio.gather(*(reported.begin(labels={"InstanceId": instance}) for _each in range(100)))
            await reported.until(asked(aws, instance), f"{max(case.id for case in cases)} open")
            await asyncio.gather(*(reported.go_on(case, "resolved") for case in cases))
            await reported.all_heard()
            await reported.until(asked(aws, instance), f"{max(case.id for case in cases)} resolved")

    asyncio.run(scene())
    assert aws.calls()["CreateTags"] < 60


def test_what_no_rule_has_taken_is_not_shown_but_what_was_shown_is_ended(aws, tmp_path):
    one, two = Machines(aws.client("ec2")).run(2)

    async def scene():
        reported = Reported(tmp_path, TAG, [place_at(aws.url)])
        async with reported.running():
            for state in ("open", "awaiting_approval", "waiting", "dispatched"):
                case = await reported.begin(state, labels={"InstanceId": one})
                await reported.go_on(case, "unmatched")
            case = await reported.begin(labels={"InstanceId": two})
            await reported.until(asked(aws, two), f"{case.id} open")
            # A second attempt that no rule takes.
            await reported.go_on(await reported.go_on(case, "waiting", ran_at=1.0), "unmatched")
            await reported.all_heard()
            return case.id

    case = asyncio.run(scene())
    assert (tag_of(aws, one), tag_of(aws, two)) == (None, f"{case} unmatched")


def test_what_began_or_ended_while_the_source_was_away_is_right_in_its_next_life(aws, tmp_path):
    one, two = Machines(aws.client("ec2")).run(2)

    async def first(reported):
        async with reported.running() as task:
            ending = await reported.begin(labels={"InstanceId": one})
            await reported.until(asked(aws, one), f"{ending.id} open")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            begun = await reported.begin(labels={"InstanceId": two})
            await reported.go_on(ending, "exhausted")
        return ending.id, begun.id

    async def second(reported, ended, begun):
        async with reported.running():
            await reported.until(asked(aws, one), f"{ended} exhausted")
            await reported.until(asked(aws, two), f"{begun} open")

    reported = Reported(tmp_path, TAG, [place_at(aws.url)])
    asyncio.run(second(reported, *asyncio.run(first(reported))))


def test_what_aws_does_not_take_is_shown_later_unless_it_is_over_by_then(aws, tmp_path):
    one, two = Machines(aws.client("ec2")).run(2)

    async def scene(proxy):
        reported = Reported(tmp_path, TAG, [place_at(proxy.url)])
        async with reported.running():
            proxy.fail("throttled", calls=["CreateTags"])
            over, lasting = await reported.begin(labels={"InstanceId": one}), await reported.begin(labels={"InstanceId": two})

            async def has_trouble():
                return bool(reported.troubles)

            await reported.until(has_trouble, True, 60)
            await reported.go_on(over, "resolved")
            proxy.heal()
            await reported.until(asked(aws, two), f"{lasting.id} open", 60)
            await reported.all_heard(60)
            assert tag_of(aws, one) == f"{over.id} resolved"
            assert tag_of(aws, two) == f"{lasting.id} open"

    with faulty(aws.url) as proxy:
        asyncio.run(scene(proxy))
