# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever asks at the same time shares requests; what AWS refuses is told, and is nobody else's trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import Cache
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Absent, Instance, Key
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.inquiries import Inquiry
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.lookups import MOST_AT_ONCE, Lookups
from botocore.exceptions import ClientError, EndpointConnectionError

from .world import HERE, THERE, on_a_loop

NO_NAME = Absent("AWS does not take it for a name", for_good=True)


def said(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "DescribeInstances")


class Aws:
    """Knows what begins with `i-`, says no with `errors`, and takes none of `odd`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.errors: list[BaseException | None] = []
        self.odd: set[str] = set()
        self.troubles: dict[str, str] = {}
        self.answers = asyncio.Event()
        self.answers.set()

    async def get(self, place, service):
        return (place, service)

    def trouble(self, where: str, text: str | None) -> None:
        if text is None:
            del self.troubles[where]
        else:
            self.troubles[where] = text

    async def ask(self, client, names: Sequence[str], scope: str):
        self.asked.append(tuple(names))
        await self.answers.wait()
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error
        if self.odd & set(names):
            raise said("InvalidParameterValue")
        return {name: Instance(name) for name in names if name.startswith("i-")}

    def lookups(self, most: int = 200) -> Lookups:
        inquiries = {"instance": Inquiry("ec2", "ec2:DescribeInstances", most, self.ask, "there is none")}
        return Lookups(self, self, Cache(lambda: 0.0), inquiries)


def keys(*names: str, place=HERE):
    return [(place, Key("instance", name)) for name in names]


@on_a_loop
async def test_those_who_ask_at_once_share_a_request():
    aws = Aws()
    lookups = aws.lookups()
    found = await asyncio.gather(*(lookups.fetch(keys(f"i-{number % 50}", f"i-{number % 50 + 1}")) for number in range(200)))
    assert len(aws.asked) == 1
    assert sorted(aws.asked[0]) == sorted({f"i-{number}" for number in range(51)})
    assert found[0] == {(HERE, Key("instance", "i-0")): Instance("i-0"), (HERE, Key("instance", "i-1")): Instance("i-1")}


@on_a_loop
async def test_who_asks_while_a_request_is_under_way_waits_for_it_or_for_the_next():
    aws = Aws()
    lookups = aws.lookups()
    aws.answers.clear()
    first = asyncio.create_task(lookups.fetch(keys("i-1")))
    await until(lambda: aws.asked)
    others = [asyncio.create_task(lookups.fetch(keys("i-1", f"i-{number}"))) for number in range(2, 9)]
    await asyncio.sleep(0)
    aws.answers.set()
    await asyncio.gather(first, *others)
    assert aws.asked == [("i-1",), tuple(f"i-{number}" for number in range(2, 9))]


@on_a_loop
async def test_a_request_is_for_so_many_at_most():
    aws = Aws()
    await aws.lookups(most=10).fetch(keys(*(f"i-{number}" for number in range(25))))
    assert [len(names) for names in aws.asked] == [10, 10, 5]


@on_a_loop
async def test_what_aws_does_not_have_is_absent():
    aws = Aws()
    assert await aws.lookups().fetch(keys("i-1", "gone")) == {
        (HERE, Key("instance", "i-1")): Instance("i-1"),
        (HERE, Key("instance", "gone")): Absent("there is none"),
    }


@on_a_loop
async def test_what_is_denied_is_not_known_and_is_told_until_it_is_granted():
    aws = Aws()
    lookups = aws.lookups()
    aws.errors = [said("UnauthorizedOperation"), said("UnauthorizedOperation")]
    assert await lookups.fetch(keys("i-1")) == {(HERE, Key("instance", "i-1")): Absent("AWS does not let us ask (ec2:DescribeInstances)")}
    await lookups.fetch(keys("i-2"))
    assert aws.troubles == {
        f"hosts {HERE} ec2:DescribeInstances": "DescribeInstances: UnauthorizedOperation: no; somebody has to grant ec2:DescribeInstances",
    }
    await lookups.fetch(keys("i-3", place=THERE))
    assert aws.troubles, "it is granted elsewhere"
    assert await lookups.fetch(keys("i-1")) == {(HERE, Key("instance", "i-1")): Instance("i-1")}
    assert not aws.troubles


@on_a_loop
async def test_a_role_that_may_not_be_assumed_is_what_somebody_has_to_grant():
    aws = Aws()
    lookups = aws.lookups()
    denied = said("AccessDenied")
    denied.operation_name = "AssumeRole"
    aws.errors = [denied]
    assert await lookups.fetch(keys("i-1")) == {(HERE, Key("instance", "i-1")): Absent("AWS does not let us ask (sts:AssumeRole)")}
    assert list(aws.troubles) == [f"hosts {HERE} sts:AssumeRole"]
    await lookups.fetch(keys("i-2"))
    assert not aws.troubles


@pytest.mark.parametrize("error", [said("RequestLimitExceeded"), said("ExpiredToken"), EndpointConnectionError(endpoint_url="http://aws")])
@on_a_loop
async def test_all_else_is_raised_to_everybody_who_waits_and_asked_for_again(error):
    aws = Aws()
    lookups = aws.lookups()
    aws.errors = [error]
    results = await asyncio.gather(*(lookups.fetch(keys(f"i-{number}")) for number in range(5)), return_exceptions=True)
    assert results == [error] * 5
    assert await lookups.fetch(keys("i-1")) == {(HERE, Key("instance", "i-1")): Instance("i-1")}


@on_a_loop
async def test_what_was_found_is_kept_though_something_else_failed():
    aws = Aws()
    lookups = aws.lookups(most=1)
    aws.errors = [None, said("RequestLimitExceeded")]
    with pytest.raises(ClientError):
        await lookups.fetch(keys("i-1", "i-2"))
    assert lookups._cache.get(HERE, Key("instance", "i-1")) == Instance("i-1")


@on_a_loop
async def test_what_was_found_is_told_though_something_else_failed():
    aws = Aws()
    aws.errors = [None, said("RequestLimitExceeded")]
    learned = {}
    with pytest.raises(ClientError):
        await aws.lookups(most=1).fetch(keys("i-1", "i-2", "i-3"), learned.__setitem__)
    assert learned == {(HERE, Key("instance", each)): Instance(each) for each in ("i-1", "i-3")}


@on_a_loop
async def test_so_many_requests_of_a_service_at_a_place_are_under_way_at_once():
    aws = Aws()
    lookups = aws.lookups()
    aws.answers.clear()
    wanted = [(place, Key("instance", f"i-{number}", f"cluster {number}")) for number in range(3 * MOST_AT_ONCE) for place in (HERE, THERE)]
    fetching = asyncio.create_task(lookups.fetch(wanted))
    await until(lambda: len(aws.asked) >= 2 * MOST_AT_ONCE)
    await asyncio.sleep(0.05)
    assert len(aws.asked) == 2 * MOST_AT_ONCE, "as many at each place"
    aws.answers.set()
    assert len(await fetching) == len(wanted)


@on_a_loop
async def test_one_that_aws_does_not_take_is_singled_out():
    aws = Aws()
    aws.odd = {"odd"}
    names = [f"i-{number}" for number in range(199)]
    found = await aws.lookups().fetch(keys(*names[:70], "odd", *names[70:]))
    assert found[HERE, Key("instance", "odd")] == NO_NAME
    assert sum(isinstance(fact, Instance) for fact in found.values()) == 199
    assert len(aws.asked) < 20


@on_a_loop
async def test_where_aws_takes_none_nobody_waits_for_ever():
    aws = Aws()
    names = [f"i-{number}" for number in range(200)]
    aws.odd = set(names)
    found = await aws.lookups().fetch(keys(*names))
    assert set(found.values()) == {NO_NAME}
    assert len(aws.asked) < 2 * len(names)


@on_a_loop
async def test_who_asks_again_goes_on_where_aws_had_enough_of_it():
    aws = Aws()
    lookups = aws.lookups()
    names = [f"i-{number}" for number in range(64)]
    aws.odd = set(names[::2])
    left, rounds = list(names), 0
    while left:
        aws.errors = [None] * 20 + [said("RequestLimitExceeded")]  # so many requests, and no more
        rounds += 1
        with suppress(ClientError):
            await lookups.fetch(keys(*left))
        left = [name for name in left if lookups._cache.get(HERE, Key("instance", name)) is None]
        assert rounds < 20
    assert rounds > 1
    assert {name for name in names if isinstance(lookups._cache.get(HERE, Key("instance", name)), Absent)} == aws.odd


@on_a_loop
async def test_who_is_cancelled_takes_the_request_of_others_not_along():
    aws = Aws()
    lookups = aws.lookups()
    aws.answers.clear()
    first, second = (asyncio.create_task(lookups.fetch(keys("i-1"))) for _number in range(2))
    await until(lambda: aws.asked)
    first.cancel()
    await asyncio.wait({first})
    aws.answers.set()
    assert await second == {(HERE, Key("instance", "i-1")): Instance("i-1")}


@on_a_loop
async def test_when_it_is_closed_nobody_waits_for_ever():
    aws = Aws()
    lookups = aws.lookups()
    aws.answers.clear()
    waiting = asyncio.create_task(lookups.fetch(keys("i-1")))
    await until(lambda: aws.asked)
    await lookups.close()
    await asyncio.wait({waiting}, timeout=5)
    assert waiting.cancelled()


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)
