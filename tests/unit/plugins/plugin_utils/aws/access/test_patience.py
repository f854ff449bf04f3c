# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What fails is said, waited for and tried again, and said to be over."""

from __future__ import annotations

import asyncio
import logging

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import LONGEST_PAUSE_SECONDS, Patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import IntakeUnavailable
from botocore.exceptions import ClientError

PLACE = Place("production", "eu-central-1")


class Watched:
    """A keeper's trouble, clients whose credentials are renewed, and the pauses that were made."""

    def __init__(self) -> None:
        self.troubles: dict[str, str] = {}
        self.renewed: list[Place] = []
        self.pauses: list[float] = []

    def trouble(self, where: str, text: str | None) -> None:
        self.troubles[where] = text
        if text is None:
            del self.troubles[where]

    def renew(self, place: Place) -> None:
        self.renewed.append(place)

    async def sleep(self, pause: float) -> None:
        self.pauses.append(pause)


@pytest.fixture(name="watched")
def _watched() -> Watched:
    return Watched()


def patience(watched: Watched, chance: float = 1.0) -> Patience:
    return Patience("queues[0]", PLACE, watched, watched, chance=lambda: chance, sleep=watched.sleep)


def said(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "ReceiveMessage")


def fail(one: Patience, *errors: Exception) -> None:
    async def each():
        for error in errors:
            await one.failed(error)

    asyncio.run(each())


def test_the_waits_double_up_to_the_longest_each_cut_short_by_chance(watched):
    fail(patience(watched), *[said("Throttling")] * 9)
    assert watched.pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60] and max(watched.pauses) == LONGEST_PAUSE_SECONDS
    fail(patience(watched, 0.25), said("Throttling"), said("Throttling"))
    assert watched.pauses[-2:] == [0.25, 0.5]


def test_it_is_said_where_people_look_until_it_is_over(watched, caplog):
    caplog.set_level(logging.INFO)
    one = patience(watched)
    fail(one, *[said("AccessDenied")] * 3, said("Throttling"))
    assert watched.troubles == {"queues[0]": "production/eu-central-1: ReceiveMessage: Throttling: no"}
    one.well()
    one.well()
    assert watched.troubles == {}
    levels = [record.levelname for record in caplog.records]
    assert levels == ["ERROR", "INFO", "INFO", "ERROR", "WARNING"], "once for each change"
    fail(one, said("Throttling"))
    assert watched.pauses[-1] == 1, "the waits begin anew"


def test_refused_credentials_are_found_anew(watched):
    fail(patience(watched), said("ExpiredToken"), said("Throttling"))
    assert watched.renewed == [PLACE]


def test_a_store_that_cannot_be_written_is_waited_for_too(watched):
    fail(patience(watched), IntakeUnavailable("the disk is full"))
    assert watched.troubles == {"queues[0]": "production/eu-central-1: the store cannot take events: the disk is full"}
