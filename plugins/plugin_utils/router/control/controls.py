# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's controls: everything that people, modules and pages may ask of a running router."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, read
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import PLAYBOOKS, EventRefused, Intake, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable, Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, CaseQuery, Pause, Storm
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from ..bell import Bell
from ..policy.matching import MATCH_SCHEMA
from ..policy.settings import Policy
from . import pausing
from .intervention import Intervention, InvalidRequest, name_of_person, words_of_person
from .selection import ByCaseId, ByMatch, Selection, decide
from .story import SHOWN_BYTES, CaseStory, tell_story

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Status:
    """How the router stands: its mode (overrides may have others), what holds everything up, and how many unfinished cases there are by state."""

    mode: str
    pauses: tuple[Pause, ...]
    storm: Storm | None
    unfinished: Mapping[str, int]


class Controls:
    """What may be asked of a router. Every change is on disk when its method returns, and the router looks at it at once.

    `by` says who asks and `why` for what reason; both are brought to one line and bounded. With `check`, the answer is what would change, and nothing does.
    Methods raise InvalidRequest, UnknownCase, NotPossible and StoreUnavailable.

    :param bell: rung after every change.
    :param policy: says which decisions are told of by an event, and the mode.
    """

    def __init__(self, store: Store, bell: Bell, intake: Intake, policy: Policy, *, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._bell = bell
        self._intake = intake
        self._policy = policy
        self._now = now

    async def approve(self, case_id: int, *, by: str, why: str = "", check: bool = False, seen: int | None = None) -> Intervention[Case]:
        """See people.approve."""
        (done,) = await self.decide("approve", ByCaseId(case_id), by=by, why=why, check=check, seen=seen)
        return done

    async def reject(self, case_id: int, *, by: str, why: str = "", check: bool = False) -> Intervention[Case]:
        """See people.reject."""
        return await self._to_case("reject", case_id, by, why, check)

    async def resolve(self, case_id: int, *, by: str, why: str = "", check: bool = False) -> Intervention[Case]:
        """See people.resolve."""
        return await self._to_case("resolve", case_id, by, why, check)

    async def suppress(self, case_id: int, *, by: str, why: str = "", check: bool = False) -> Intervention[Case]:
        """See people.suppress."""
        return await self._to_case("suppress", case_id, by, why, check)

    async def retry(self, case_id: int, *, by: str, why: str = "", check: bool = False) -> Intervention[Case]:
        """See people.retry."""
        return await self._to_case("retry", case_id, by, why, check)

    async def annotate(self, case_id: int, *, by: str, why: str, check: bool = False) -> Intervention[Case]:
        """See people.annotate."""
        return await self._to_case("annotate", case_id, by, why, check)

    async def decide(
        self, decision: str, selection: Selection, *, by: str, why: str = "", check: bool = False, seen: int | None = None
    ) -> list[Intervention[Case]]:
        """Carry one of selection.DECISIONS out for every case that is meant; for all of them, or for none. `seen` goes with the approval of one case."""
        words, now = _words(by, why), self._now()
        if seen is not None and (decision != "approve" or isinstance(selection, ByMatch)):
            raise InvalidRequest("seen", "goes only with the approval of one case, named by its id or its dedup_key")
        if decision == "annotate":
            _require_note(why)
        if isinstance(selection, ByMatch):
            selection = ByMatch(_checked_match(selection.match))
        return await self._change(lambda tx: decide(tx, decision, selection, self._policy, now=now, seen=seen, **words), check)

    async def pause(
        self, match: Mapping[str, object] | None = None, *, by: str, why: str = "", until: float | None = None, check: bool = False
    ) -> Intervention[pausing.Pauses]:
        """See pausing.pause; no match pauses everything."""
        now, match = self._now(), _checked_match(match)
        if until is not None and until <= now:
            raise InvalidRequest("until", f"must be a time in the future, got {from_epoch(until)}")
        words = _words(by, why)
        return await self._change(lambda tx: pausing.pause(tx, match, until=until, now=now, **words), check)

    async def resume(
        self, *, pause_id: int | None = None, match: Mapping[str, object] | None = None, by: str, check: bool = False
    ) -> Intervention[pausing.Pauses]:
        """See pausing.resume, resume_matching (an empty match is the pause of everything) and, with neither, resume_all."""
        now, by = self._now(), name_of_person(by)
        if pause_id is not None:
            return await self._change(lambda tx: pausing.resume(tx, pause_id, by=by, now=now), check)
        if match is not None:
            match = _checked_match(match)
            return await self._change(lambda tx: pausing.resume_matching(tx, match, by=by, now=now), check)
        return await self._change(lambda tx: pausing.resume_all(tx, by=by, now=now), check)

    async def release(self, *, by: str, check: bool = False) -> Intervention[Storm | None]:
        """See pausing.release."""
        now, by = self._now(), name_of_person(by)
        return await self._change(lambda tx: pausing.release(tx, by=by, now=now), check)

    async def status(self) -> Status:
        """Say how the router stands."""
        return await self._store.run(lambda tx: Status(self._policy.base.mode, tuple(tx.pauses(self._now())), tx.storm(), tx.count_unfinished()))

    async def pauses_for(self, hosts: Sequence[str], *, case_ids: Sequence[int] = ()) -> list[Pause]:
        """List the pauses that hold for a run on some hosts: those of everything and of hosts alone, and those that match one of the cases it is for."""
        return await self._store.run(lambda tx: pausing.pauses_for(tx, tuple(hosts), case_ids, self._now()))

    async def find(self, query: CaseQuery) -> list[Case]:
        """List cases."""
        return await self._store.run(lambda tx: tx.find_cases(query))

    async def case_story(self, case_id: int) -> CaseStory:
        """Tell all of a case, with the newest of its events, as far as they are not too large."""
        (story,) = await self.case_stories([case_id])
        return story

    async def case_stories(self, case_ids: Sequence[int]) -> list[CaseStory]:
        """Do the same for several cases, whose events together are not too large: those of the first cases go first."""
        stories, room = [], SHOWN_BYTES
        for case_id in case_ids:  # one after the other: senders wait for the store, too
            story, room = await self._store.run(partial(tell_story, case_id=case_id, room=room))
            stories.append(story)
        return stories

    async def take_event(self, attributes: Mapping[str, object], *, not_before: float = 0.0, check: bool = False) -> tuple[Event, bool]:
        """Take an event from a playbook in, as an envelope; return it as it is kept, and whether it is new: the same `id` and `source` are kept once.

        :param not_before: when to act upon it, in seconds since the epoch.
        """
        try:
            given = event_from_attributes(attributes, source=PLAYBOOKS, received_at=from_epoch(self._now()), new_id=lambda: str(uuid.uuid4()))
            if check:
                (event,) = self._intake.read([given.to_mapping()], child=PLAYBOOKS, adapter=None, settings={})
                row = await self._would_change(lambda tx: tx.insert_event(event, child=PLAYBOOKS, received_at=self._now()))
            else:
                (event,), (row,) = await self._intake.take([given.to_mapping()], child=PLAYBOOKS, not_before=not_before)
        except InvalidEvent as error:
            where, _colon, text = str(error).partition(": ")
            raise InvalidRequest(where, text) from error
        except EventRefused as refused:
            raise InvalidRequest("", str(refused)) from None
        except IntakeUnavailable as unavailable:
            raise StoreUnavailable(str(unavailable)) from None
        return event, row is not None

    async def _to_case(self, decision: str, case_id: int, by: str, why: str, check: bool) -> Intervention[Case]:
        (done,) = await self.decide(decision, ByCaseId(case_id), by=by, why=why, check=check)
        return done

    async def _change(self, function: Callable[[Transaction], T], check: bool) -> T:
        if check:
            return await self._would_change(function)
        result = await self._store.run(function)
        self._bell.ring()
        return result

    async def _would_change(self, function: Callable[[Transaction], T]) -> T:
        """Do it and take it back: a transaction that raises has not happened."""

        def only_look(tx: Transaction) -> None:
            raise _TakenBack(function(tx))

        try:
            await self._store.run(only_look)
        except _TakenBack as looked:
            return looked.result
        raise AssertionError("the store lost an exception")


def _words(by: str, why: str) -> dict[str, str]:
    return {"by": name_of_person(by), "why": words_of_person(why)}


def _require_note(why: str) -> None:
    if not words_of_person(why):
        raise InvalidRequest("why", "must be the text of the note, and is empty")


class _TakenBack(Exception):
    def __init__(self, result: object) -> None:
        super().__init__("a check changes nothing")
        self.result = result


def _checked_match(match: Mapping[str, object] | None) -> dict:
    try:
        return read(match, MATCH_SCHEMA, "match")
    except ConfigurationError as error:
        (where, text), *_others = error.mistakes
        raise InvalidRequest(where, text) from error
