# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking until there is an answer, handing in until it is taken, and the time that AWS says it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.beginning import require_start, start_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_moment, as_text, clock_of, in_milliseconds
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

PLACE = Place("production", "eu-central-1")


def said(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeAlarms")


def event(number: int):
    return event_from_attributes({"id": str(number), "type": "alert.firing"}, source="aws", received_at="2026-01-31T12:00:00Z", new_id=str)


@dataclass
class World:
    """AWS, and a keeper, that do one thing after the other."""

    answers: list[Any] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def get(self, place, service):
        return self

    async def describe_alarms(self, **arguments):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def keep(self, events, remember):
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, int):
            raise EventRefused("too large", events[outcome])
        if outcome is not None:
            raise outcome
        self.kept.append(([each.id for each in events], remember))

    async def failed(self, error):
        self.failures.append(type(error).__name__)

    def well(self):
        self.failures.append("well")

    def asker(self) -> Asker:
        return Asker(Around(self, self, None, lambda: 0.0, str), PLACE, "alarms", self)


def test_it_asks_until_there_is_an_answer():
    world = World([said("Throttling"), OSError("reset"), said("ExpiredToken"), said("InternalFailure", 500), {"MetricAlarms": []}])
    assert asyncio.run(world.asker().ask("cloudwatch", "describe_alarms", refusals=(DENIED,))) == {"MetricAlarms": []}
    assert world.failures == ["ClientError", "OSError", "ClientError", "ClientError", "well"]


def test_a_page_that_leads_to_itself_is_no_answer_and_is_not_asked_for_without_a_pause():
    again, further = {"MetricAlarms": [], "NextToken": "a"}, {"MetricAlarms": [], "NextToken": "b"}
    world = World([again, again, further])
    assert asyncio.run(world.asker().ask("cloudwatch", "describe_alarms", NextToken="a")) == further
    assert world.failures == ["LeadsInACircle", "LeadsInACircle", "well"]


def test_what_the_caller_deals_with_is_raised_at_once():
    world = World([said("AccessDenied")])
    with pytest.raises(Refused, match="AccessDenied") as refused:
        asyncio.run(world.asker().ask("cloudwatch", "describe_alarms", refusals=(DENIED,)))
    assert refused.value.failure.kind == DENIED
    assert world.failures == []


def test_what_is_handed_in_is_kept_whole_once_the_store_can():
    world = World(outcomes=[IntakeUnavailable("full"), IntakeUnavailable("full")])
    asyncio.run(world.asker().keep([event(1), event(2)], {"cursor": "7"}))
    assert world.kept == [(["1", "2"], {"cursor": "7"})]


def test_an_event_that_can_never_be_taken_holds_up_no_other():
    world = World(outcomes=[1, 0])
    asyncio.run(world.asker().keep([event(1), event(2), event(3)], {"cursor": "7"}))
    assert world.kept == [(["3"], {"cursor": "7"})]


def test_nothing_is_not_handed_in():
    world = World()
    asyncio.run(world.asker().keep([], {}))
    assert world.kept == []


NOON = 1769860800000  # 2026-01-31T12:00:00Z


@given(st.integers(0, 4_000_000_000_000))
def test_times_lose_nothing(milliseconds):
    assert in_milliseconds(as_moment(milliseconds)) == milliseconds
    assert in_milliseconds(datetime.fromisoformat(as_text(milliseconds))) == milliseconds
    assert in_milliseconds(as_moment(milliseconds).replace(tzinfo=None)) == milliseconds


@pytest.mark.parametrize(
    ("headers", "clock"),
    [
        ({"date": "Sat, 31 Jan 2026 12:00:00 GMT"}, NOON),
        ({"date": "Sat, 31 Jan 2026 12:14:00 GMT"}, NOON + 840_000),
        # AWS takes no request from a clock that is further away, so that is not AWS's.
        ({"date": "Thu, 31 Jan 2076 12:00:00 GMT"}, NOON + 1_500 + 900_000),
        ({"date": "Sat, 31 Jan 1976 12:00:00 GMT"}, NOON + 1_500 - 900_000),
        ({"date": "Fri, 31 Dec 9999 23:59:59 -1200"}, NOON + 1_500 + 900_000),
        ({"date": "nonsense"}, NOON + 1_500),
        ({}, NOON + 1_500),
    ],
)
def test_the_time_is_what_aws_says_it_is_unless_that_cannot_be(headers, clock):
    assert clock_of({"ResponseMetadata": {"HTTPHeaders": headers}}, NOON / 1000 + 1.5) == clock
    assert clock_of({}, 7.5) == 7500


def test_starts():
    assert start_of("now", 7) == 7
    assert start_of("all", 7) == 0
    assert start_of("2026-01-31T13:00:00+01:00", 7) == int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() * 1000)
    mistakes = Mistakes()
    for written in ("now", "all", "2026-01-31T12:00:00Z", "2026-01-31"):
        require_start(written, "from", mistakes)
    assert [where for where, _text in mistakes.found] == ["from"]
