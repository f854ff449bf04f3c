# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback while AWS does not take it: nothing is forgotten, what fails holds up nothing else, and nothing is counted twice for it."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import Feedback

from .looked_up import OTHER_REGION, Machines, place_at
from .reported import KEY, Reported, sums, tag_of

BOTH = Feedback("eventops", KEY)

pytestmark = pytest.mark.usefixtures("through_proxy")


@pytest.fixture(name="instance")
def _instance(aws):
    return Machines(aws.client("ec2")).run()[0]


def test_what_aws_does_not_take_now_it_is_told_later(aws, proxy, instance, tmp_path):
    async def scene():
        reported = Reported(tmp_path, BOTH, [place_at(proxy.url)])
        async with reported.running():
            with proxy.down():
                case = await reported.end(labels={"InstanceId": instance})
                await reported.until(lambda: _of(len(reported.troubles)), 2)
                assert await reported.unheard() == 1
            await reported.all_heard(60)
            assert reported.troubles == {}
        return case

    case = asyncio.run(scene())
    assert tag_of(aws, instance) == f"{case} resolved"
    assert sums(aws, "Cases", "State")["resolved"][0] == 1.0


def test_what_is_counted_is_not_counted_again_because_its_tag_waits_for_a_right(aws, proxy, instance, tmp_path):
    reported = Reported(tmp_path, BOTH, [place_at(proxy.url)])

    async def denied():
        proxy.fail("denied", calls=["CreateTags"])
        async with reported.running():
            case = await reported.end(labels={"InstanceId": instance})
            await reported.end()
            await reported.until(reported.unheard, 1)
            await reported.until(lambda: _of(list(reported.troubles)), ["feedback tags production/eu-central-1"])
            assert "somebody has to grant it" in reported.troubles["feedback tags production/eu-central-1"]
            assert list(await reported.queue.recall("feedback/counted/"))
        return case

    async def granted():
        proxy.heal()
        async with reported.running():
            await reported.all_heard()
            assert await reported.queue.recall("feedback/counted/") == {}

    case = asyncio.run(denied())
    asyncio.run(granted())
    assert tag_of(aws, instance) == f"{case} resolved"
    assert sums(aws, "Cases", "State")["resolved"][0] == 2.0


def test_a_region_that_fails_holds_up_no_other(aws, proxy, instance, tmp_path):
    there = Machines(aws.client("ec2", OTHER_REGION)).run()[0]
    places = [place_at(aws.url), place_at(proxy.url, OTHER_REGION)]

    async def scene():
        reported = Reported(tmp_path, BOTH, places)
        proxy.fail("throttled")
        async with reported.running():
            for _number in range(5):
                await reported.end(source=f"aws:cloudwatch:production:{OTHER_REGION}", labels={"InstanceId": there})
            case = await reported.end(labels={"InstanceId": instance})
            await reported.until(reported.unheard, 5)
            assert tag_of(aws, instance) == f"{case} resolved"
            assert sums(aws, "Cases", "State")["resolved"][0] == 1.0
            proxy.heal()
            await reported.all_heard(60)

    asyncio.run(scene())
    assert sums(aws, "Cases", "State", OTHER_REGION)["resolved"][0] == 5.0


def test_an_older_case_that_was_held_up_does_not_replace_a_newer_one(aws, proxy, instance, tmp_path):
    async def scene():
        reported = Reported(tmp_path, Feedback(tag=KEY), [place_at(proxy.url)])
        async with reported.running():
            proxy.fail("internal", calls=["CreateTags"], times=4)
            await reported.end("exhausted", labels={"InstanceId": instance})
            await reported.until(lambda: _of(bool(reported.troubles)), True)
            newest = await reported.end("resolved", labels={"InstanceId": instance})
            await reported.all_heard(60)
        return newest

    newest = asyncio.run(scene())
    assert tag_of(aws, instance) == f"{newest} resolved"


def test_the_trouble_is_over_when_what_could_not_be_marked_turns_out_to_have_no_room_for_a_tag(aws, proxy, instance, tmp_path):
    aws.client("ec2").create_tags(Resources=[instance], Tags=[{"Key": f"tag-{number}", "Value": ""} for number in range(50)])

    async def scene():
        reported = Reported(tmp_path, Feedback(tag=KEY), [place_at(proxy.url)])
        async with reported.running():
            proxy.fail("internal", calls=["CreateTags"])
            await reported.end(labels={"InstanceId": instance})
            await reported.until(lambda: _of(bool(reported.troubles)), True)
            proxy.heal()
            await reported.all_heard(60)
            assert reported.troubles == {}

    asyncio.run(scene())


def test_a_source_that_is_cut_off_tells_the_rest_in_its_next_life(aws, proxy, tmp_path):
    instances = Machines(aws.client("ec2")).run(20)
    reported = Reported(tmp_path, BOTH, [place_at(proxy.url)])

    async def cut_off():
        proxy.latency = 0.05
        async with reported.running():
            cases = await asyncio.gather(*(reported.end(labels={"InstanceId": each}) for each in instances))
            await reported.until(lambda: _of(proxy.calls["CreateTags"] > 3), True)
        return cases

    async def next_life():
        proxy.latency = 0.0
        async with reported.running():
            await reported.all_heard()

    cases = asyncio.run(cut_off())
    asyncio.run(next_life())
    assert [tag_of(aws, each) for each in instances] == [f"{case} resolved" for case in cases]
    assert sums(aws, "Cases", "State")["resolved"][0] == 20.0


async def _of(value):
    return value
