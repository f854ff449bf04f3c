# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking AWS until it answers, and handing in until the store takes it: what fails is tried again, and nothing is lost meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import AWS_ERRORS, Failure, LeadsInACircle, failure_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.patience import Patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.directory import Known
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable

logger = logging.getLogger(__name__)

T = TypeVar("T")

_TOKENS = ("NextToken", "nextToken")  # by which CloudWatch and CloudWatch Logs go on


class Refused(Exception):
    """AWS does not do what it was asked, in a way that the caller deals with."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure


class Asker:
    """Asks for one part of the source at one place.

    :param where: what /healthz and the log call it.
    """

    def __init__(self, around: Around, place: Place, where: str, patience: Patience | None = None) -> None:
        self._around = around
        self._place = place
        self._where = where
        self._patience = patience or Patience(where, place, around.keeper, around.clients)

    async def ask(self, service: str, operation: str, *, refusals: Collection[str] = (), **arguments: Any) -> Mapping[str, Any]:
        """Return AWS's answer, however long it takes to get one.

        :param refusals: kinds of failure that waiting does not help against.
        :raises Refused: when it fails in one of these ways.
        """
        while True:
            try:
                client = await self._around.clients.get(self._place, service)
                answer = await getattr(client, operation)(**arguments)
                if any(answer.get(token) and answer[token] == arguments.get(token) for token in _TOKENS):
                    raise LeadsInACircle(operation=operation)
            except AWS_ERRORS as error:
                failure = failure_of(error)
                if failure.kind in refusals:
                    raise Refused(failure) from error
                await self._patience.failed(error)
            else:
                self._patience.well()
                return answer

    async def read_hosts(self, read: Callable[[Any], T]) -> T:
        """Return what a function reads that looks hosts up in AWS."""
        known: Known = {}
        while True:
            try:
                return await self._around.directory.read(self._place, read, known)
            except AWS_ERRORS as error:
                await self._patience.failed(error)

    async def keep(self, events: Sequence[Event], remember: Mapping[str, str | None]) -> None:
        """Hand events in with what is to be remembered. One that can never be taken is left out, and holds up no other."""
        events = list(events)
        while events or remember:
            try:
                await self._around.keeper.keep(events, remember)
            except IntakeUnavailable as error:
                await self._patience.failed(error)
            except EventRefused as refused:
                if all(event is not refused.event for event in events):
                    raise
                logger.error("cloudwatch: %s (%s): an event cannot be taken and is left out: %s", self._where, self._place, refused)
                events = [event for event in events if event is not refused.event]
            else:
                self._patience.well()
                return

    async def recall(self, prefix: str) -> dict[str, str]:
        """Return what is remembered under keys with a prefix, without it."""
        while True:
            try:
                found = await self._around.keeper.recall(prefix)
            except IntakeUnavailable as error:
                await self._patience.failed(error)
            else:
                self._patience.well()
                return {key.removeprefix(prefix): text for key, text in found.items()}
