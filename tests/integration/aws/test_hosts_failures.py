# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts from AWS while AWS does not answer as it should: nothing is guessed, and /healthz says what somebody has to grant."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, CREDENTIALS, THROTTLED, UNREACHABLE, failure_of

from .looked_up import OTHER_REGION, Machines, Reader, alarm, place_at, with_directory

BY_NAME = [{"label": "InstanceId", "by": "tag:Name"}, "none"]
INVENTORY = {"web-01": {}}

pytestmark = pytest.mark.usefixtures("through_proxy")


@pytest.fixture(name="web_01")
def _web_01(aws):
    return Machines(aws.client("ec2")).run(Name="web-01")[0]


@pytest.mark.parametrize(("fault", "kind"), [("throttled", THROTTLED), ("expired", CREDENTIALS), ("internal", UNREACHABLE), ("reset", UNREACHABLE)])
def test_who_reads_hears_that_aws_fails_and_tries_again(proxy, web_01, fault, kind):
    async def scene(directory, health):
        reader = Reader(directory, place_at(proxy.url), BY_NAME, INVENTORY)
        proxy.fail(fault, calls=["DescribeInstances"])
        failures = await asyncio.gather(*(reader.hosts(alarm(InstanceId=web_01)) for _number in range(5)), return_exceptions=True)
        assert {isinstance(error, AWS_ERRORS) and failure_of(error).kind for error in failures} == {kind}
        proxy.heal()
        assert not health.ever, "to say it is for whose patience it is"
        return await reader.hosts(alarm(InstanceId=web_01))

    assert with_directory([place_at(proxy.url)], scene) == [("web-01",)]


def test_what_fails_only_now_and_then_is_found(proxy, aws, web_01):
    ids = [web_01, *Machines(aws.client("ec2")).run(20)]

    async def scene(directory, _health):
        reader = Reader(directory, place_at(proxy.url), BY_NAME, INVENTORY)
        proxy.fail("throttled", calls=["DescribeInstances"], share=0.3)
        proxy.fail("reset", calls=["DescribeInstances"], share=0.2)

        async def read(instance):
            while True:
                try:
                    return await reader.hosts(alarm(InstanceId=instance))
                except AWS_ERRORS:
                    await asyncio.sleep(0.01)

        return await asyncio.gather(*(read(each) for each in ids))

    assert with_directory([place_at(proxy.url)], scene) == [[("web-01",)], *([(each,)] for each in ids[1:])]


def test_what_is_denied_is_not_known_and_healthz_says_so_until_it_is_granted(proxy, web_01):
    clock = [0.0]

    async def scene(directory, health):
        reader = Reader(directory, place_at(proxy.url), BY_NAME, INVENTORY)
        proxy.fail("denied", calls=["DescribeInstances"])
        (event,) = await reader.events([alarm(InstanceId=web_01)])
        assert event.hosts == (web_01,), "it does not run on the controller"
        assert event.data["unresolved"] == f"{web_01}: AWS does not let us ask (ec2:DescribeInstances)"
        ((where, text),) = health.troubles.items()
        assert where == "hosts production/eu-central-1 ec2:DescribeInstances"
        assert "somebody has to grant ec2:DescribeInstances" in text
        asked = proxy.calls["DescribeInstances"]
        await reader.hosts(*(alarm(InstanceId=web_01) for _number in range(50)))
        assert proxy.calls["DescribeInstances"] == asked, "for a while it is not asked for again"
        proxy.heal()
        clock[0] += 60.0
        assert await reader.hosts(alarm(InstanceId=web_01)) == [("web-01",)]
        return health.troubles

    assert with_directory([place_at(proxy.url)], scene, now=lambda: clock[0]) == {}


def test_a_name_is_not_taken_while_another_region_cannot_say_who_has_it(aws, proxy, web_01):
    places = [place_at(aws.url), place_at(proxy.url, OTHER_REGION)]

    async def scene(directory, _health):
        reader = Reader(directory, places[0], BY_NAME, INVENTORY)
        with proxy.down(), pytest.raises(AWS_ERRORS):
            await reader.hosts(alarm(InstanceId=web_01))
        return await reader.hosts(alarm(InstanceId=web_01))

    assert with_directory(places, scene) == [("web-01",)]


def test_a_slow_answer_is_waited_for_once_by_all(proxy, web_01):
    async def scene(directory, _health):
        reader = Reader(directory, place_at(proxy.url), BY_NAME, INVENTORY)
        proxy.latency = 0.3
        found = await asyncio.gather(*(reader.hosts(alarm(InstanceId=web_01)) for _number in range(50)))
        return found, proxy.calls["DescribeInstances"]

    assert with_directory([place_at(proxy.url)], scene) == ([[("web-01",)]] * 50, 2)
