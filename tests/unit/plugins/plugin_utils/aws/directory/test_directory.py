# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adapters ask what is known, and are asked again when more is."""

from __future__ import annotations

from contextlib import suppress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import hosts_by
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Lost, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import KNOWN_SECONDS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import LONGEST_KNOWN_SECONDS, Directory
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from botocore.exceptions import ClientError

from .world import HERE, ONE, TWO, on_a_loop


class Ec2:
    """DescribeInstances as a client of aiobotocore has it; also whoever opens that, and the keeper."""

    def __init__(self, **names: str) -> None:
        self.names = {id_.replace("_", "-"): name for id_, name in names.items()}
        self.requests = 0

    async def get(self, place, service):
        assert service == "ec2"
        return self

    def trouble(self, where, text) -> None:
        raise AssertionError(text)

    def get_paginator(self, operation):
        assert operation == "describe_instances"
        return self

    async def paginate(self, Filters, PaginationConfig):
        self.requests += 1
        name, values = Filters[0]["Name"], Filters[0]["Values"]
        found = [(id_, called) for id_, called in self.names.items() if (id_ if name == "instance-id" else called) in values]
        yield {"Reservations": [{"Instances": [{"InstanceId": id_, "Tags": [{"Key": "Name", "Value": called}]}]} for id_, called in found]}


def ask(value):
    return Question("tag:Name", value, "InstanceId")


@on_a_loop
async def test_what_is_asked_for_is_looked_up_once():
    ec2 = Ec2(**{ONE: "web-01", TWO: "web-02"})
    directory = Directory(ec2, ec2, [HERE])

    def read(names):
        return [names(ask(ONE)).names, names(ask(TWO)).names]

    assert await directory.read(HERE, read) == [(("web-01", ONE),), (("web-02", TWO),)]
    assert await directory.read(HERE, read) == [(("web-01", ONE),), (("web-02", TWO),)]
    assert ec2.requests == 2, "for both the instances, then who else has their names"


@on_a_loop
async def test_who_asks_nothing_causes_no_request():
    ec2 = Ec2()
    assert await Directory(ec2, ec2, [HERE]).read(HERE, lambda names: "read") == "read"
    assert ec2.requests == 0


@on_a_loop
async def test_what_gets_too_old_meanwhile_is_not_asked_for_for_ever():
    ec2 = Ec2(**{ONE: "web-01"})
    times = iter(range(0, 1_000_000, 1000))
    directory = Directory(ec2, ec2, [HERE], now=lambda: next(times))
    assert (await directory.read(HERE, lambda names: names(ask(ONE)))).names == (("web-01", ONE),)
    assert ec2.requests == 2


@on_a_loop
async def test_all_that_a_reading_asks_for_is_looked_up_at_once():
    ec2 = Ec2(**{ONE: "web-01", TWO: "web-02"})

    def read(names):
        context = AdapterContext("aws", "2026-01-31T12:00:00Z", lambda: "new", names=names)
        rules = [{"label": "InstanceId", "by": "tag:Name"}]
        return [hosts_by(rules, labels={"InstanceId": each}, content={}, context=context) for each in (ONE, TWO)]

    assert await Directory(ec2, ec2, [HERE]).read(HERE, read) == [("web-01",), ("web-02",)]
    assert ec2.requests == 2, "though each of them has to have a host"


@on_a_loop
async def test_a_mistake_counts_only_when_nothing_was_missing():
    ec2 = Ec2(**{ONE: "web-01"})
    directory = Directory(ec2, ec2, [HERE])

    def read(names):
        if names(ask(ONE)).lost:
            raise InvalidEvent("nobody knows yet")
        return "read"

    assert await directory.read(HERE, read) == "read"

    def never(names):
        raise InvalidEvent(f"not with {names(ask(ONE)).names}")

    with pytest.raises(InvalidEvent, match="web-01"):
        await directory.read(HERE, never)


@on_a_loop
async def test_what_has_no_host_is_said_once(caplog):
    ec2 = Ec2()
    directory = Directory(ec2, ec2, [HERE])
    for _time in range(3):
        answer = await directory.read(HERE, lambda names: names(ask(ONE)))
    assert answer.lost == (Lost(ONE, "there is no such instance, or not any longer"),)
    assert len([record for record in caplog.records if ONE in record.getMessage()]) == 1


class Ecs:
    """Has any cluster, without machines, and takes so many requests before it is asked again later."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most
        self.asked: list[str] = []

    async def get(self, place, service):
        assert service == "ecs"
        return self

    def trouble(self, where, text) -> None:
        raise AssertionError(text)

    def get_paginator(self, operation):
        assert operation == "list_container_instances"
        return self

    async def paginate(self, cluster, status):
        if not self.left:
            error = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(error, "ListContainerInstances")
        self.left -= 1
        self.asked.append(cluster)
        yield {"containerInstanceArns": []}


def ask_for_clusters(number):
    return [Question("instance_id", f"c{each}", "ClusterName", instances=True) for each in range(number)]


@on_a_loop
async def test_who_tries_again_goes_on_where_aws_had_enough_of_it():
    ecs, now, attempts, known = Ecs(most=10), [0.0], 0, {}
    directory = Directory(ecs, ecs, [HERE], now=lambda: now[0])
    answers = None
    while answers is None:
        attempts += 1
        assert attempts < 20
        with suppress(ClientError):
            answers = await directory.read(HERE, lambda names: [names(each) for each in ask_for_clusters(45)], known)
        now[0] += KNOWN_SECONDS  # longer than the cache knows that there are no machines
        ecs.left = ecs.most
    assert len(answers) == 45 and attempts == 5
    assert sorted(ecs.asked) == sorted(f"c{each}" for each in range(45)), "each of them once"


@on_a_loop
async def test_what_was_learnt_long_ago_is_asked_for_again():
    ecs, now, known = Ecs(most=100), [0.0], {}
    directory = Directory(ecs, ecs, [HERE], now=lambda: now[0])
    for _attempt in range(3):
        await directory.read(HERE, lambda names: [names(each) for each in ask_for_clusters(2)], known)
        now[0] += LONGEST_KNOWN_SECONDS + 1.0
    assert len(ecs.asked) == 6
    assert len(known) == 2
