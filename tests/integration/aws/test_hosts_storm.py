# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A storm makes requests larger, and not more of them."""

from __future__ import annotations

import asyncio

import pytest

from .looked_up import Machines, Reader, alarm, place_at, with_directory

INSTANCES, EVENTS = 500, 1000


@pytest.fixture(autouse=True)
def _environment(aws, monkeypatch):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


def test_a_thousand_events_of_five_hundred_instances_make_few_requests(aws):
    machines = Machines(aws.client("ec2"))
    ids = machines.run(INSTANCES)
    # An address each, as tags of 500 would take 500 requests before the test begins.
    inventory = {f"web-{number:03}": {"ansible_host": each["PrivateIpAddress"]} for number, each in enumerate(machines.describe(*ids).values())}
    named = {each["PrivateIpAddress"]: f"web-{number:03}" for number, each in enumerate(machines.describe(*ids).values())}
    expected = {id_: named[each["PrivateIpAddress"]] for id_, each in machines.describe(*ids).items()}
    rules = [{"label": "InstanceId", "by": "private_ip_address"}]
    aws.forget_calls()

    async def scene(directory, health):
        reader = Reader(directory, place_at(aws.url), rules, inventory)
        order = [ids[number % INSTANCES] for number in range(EVENTS)]

        async def receive(ten):
            return await reader.hosts(*(alarm(InstanceId=each) for each in ten))

        # As many receivers as a busy source has, each with ten messages at a time.
        found = await asyncio.gather(*(receive(order[begin : begin + 10]) for begin in range(0, EVENTS, 10)))
        again = await reader.hosts(*(alarm(InstanceId=each) for each in ids))
        assert not health.ever
        return order, [hosts for ten in found for hosts in ten], again

    order, found, again = with_directory([place_at(aws.url)], scene)
    assert found == [(expected[each],) for each in order]
    assert again == [(expected[each],) for each in ids]
    requests = aws.calls()
    print(f"{EVENTS} events of {INSTANCES} instances: {requests['DescribeInstances']} requests")
    # 500 instances at 200 in a request are three; who else has their names are three more; some that come late make a smaller one.
    assert requests["DescribeInstances"] <= 10
    assert set(requests) == {"DescribeInstances"}
