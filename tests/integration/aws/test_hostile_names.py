# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names in an event that look right, and that AWS does not take: those who mean harm send many of them, and the others are to get their hosts nevertheless.

moto takes any name, so what is asked for refuses as AWS does: all that is in one request, for the sake of one (Resource Groups Tagging API Reference,
"GetResources", InvalidParameterException).
"""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory import lookups
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Fact, Tagged
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import ANYTHING
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.doubles.aws import ACCOUNT, REGION
from botocore.exceptions import ClientError

from .looked_up import Reader, happened, place_at, with_directory

RULES = [{"path": "resources", "by": "tag:Name"}, "none"]
GOOD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:web"


def odd(number: int) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{'(' * 40}{number}"


@pytest.fixture(name="requests")
def _requests(monkeypatch):
    """Return the requests that are made, by how many names are in each."""
    made: list[int] = []

    async def ask(_client, names, _scope) -> dict[str, Fact]:
        made.append(len(names))
        if any("(" in name for name in names):
            raise ClientError({"Error": {"Code": "InvalidParameterException", "Message": "not a valid ARN"}}, "GetResources")
        return {name: Tagged({"Name": f"host-{name[-3:]}"}) for name in names}

    inquiry = lookups.INQUIRIES[ANYTHING]
    monkeypatch.setitem(lookups.INQUIRIES, ANYTHING, inquiry._replace(ask=ask))
    return made


@pytest.mark.parametrize("number", [1, 6, 40, 99, 500])
def test_names_that_aws_does_not_take_are_lost_and_take_no_other_with_them(aws, monkeypatch, requests, number):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    events = [{**happened({}, [odd(each) for each in range(number)]), "id": "theirs"}, happened({"a": 1}, [GOOD])]

    async def scene(directory, _health):
        reader = Reader(directory, place_at(aws.url), RULES, {"host-web": {}})
        return await asyncio.wait_for(reader.events(events), 30)

    theirs, ours = with_directory([place_at(aws.url)], scene)
    assert ours.hosts == ("host-web",)
    assert set(theirs.hosts) == {odd(each)[:253] for each in range(number)} and "AWS does not take it for a name" in theirs.data["unresolved"]
    assert len(requests) <= 2 * (number + 1) + 20


def test_where_none_is_a_name_all_are_lost(aws, monkeypatch, requests):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    async def scene(directory, _health):
        reader = Reader(directory, place_at(aws.url), RULES)
        return await asyncio.wait_for(reader.events([{**happened({}, [odd(each) for each in range(100)]), "id": "theirs"}]), 30)

    (event,) = with_directory([place_at(aws.url)], scene)
    assert len(event.hosts) == 100 and "AWS does not take it for a name" in event.data["unresolved"]
    assert len(requests) <= 100


def test_more_names_than_an_event_may_have_are_not_asked_for(aws, monkeypatch, requests):
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    async def scene(directory, _health):
        return await Reader(directory, place_at(aws.url), RULES).events([{**happened({}, [odd(each) for each in range(1001)]), "id": "theirs"}])

    with pytest.raises(InvalidEvent, match="leads to 1001 names, and at most 1000 are taken"):
        with_directory([place_at(aws.url)], scene)
    assert not requests
