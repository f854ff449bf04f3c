# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cases, one by one, with their history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ..values import CASE_CHANGED, CASE_NOTED, CASE_OPENED, FINAL, ROUTER, Case, Change, HistoryRow
from .case_columns import as_case, case_statements
from .connected import Connected, writable_text

_SQL = case_statements(Path(__file__).with_suffix(".sql"))


class Cases(Connected):
    """See `interface.Transaction`."""

    _followers: frozenset[str] | None = None  # as far as they have been read

    def undo(self) -> None:
        super().undo()
        self._followers = None

    def add_case(self, case: Case, why: str) -> Case:
        case = _writable(case)
        added = self._unwritten.add(lambda id_: replace(case, id=id_))
        self._unwritten.tell(added.id, added.opened_at, None, added.state, why, ROUTER)
        self._known.remember(added)
        self.changes.append(Change(added.opened_at, CASE_OPENED, why, case=added))
        self._note_end(added)
        return added

    def save_case(self, case: Case, why: str, *, by: str = ROUTER) -> None:
        case, before = _writable(case), self.case(case.id)
        self._unwritten.change(before, case)
        self._known.remember(case)
        if before.state != case.state:
            self._unwritten.tell(case.id, case.updated_at, before.state, case.state, why, by)
            self.changes.append(Change(case.updated_at, CASE_CHANGED, why, by, before.state, case))
            self._note_end(case)

    def note(self, case_id: int, why: str, *, by: str, now: float) -> None:
        case = self.case(case_id)
        self._unwritten.tell(case_id, now, case.state, case.state, why, by)
        self.changes.append(Change(now, CASE_NOTED, why, by, case.state, case))

    def case(self, case_id: int) -> Case:
        case = self._known.get(case_id)
        if case is None:
            # Nothing needs to be written first: what is unwritten is known.
            row = self._execute(_SQL["case"], (case_id,)).fetchone()
            if row is None:
                raise KeyError(f"the store has no case {case_id}")
            case = as_case(row)
            self._known.remember(case)
        return case

    def cases(self, ids: Sequence[int]) -> list[Case]:
        """Return cases in the order of their ids as given; all of them are there."""
        missing = [each for each in ids if self._known.get(each) is None]
        read = {}
        if missing:
            read = {case.id: case for case in map(as_case, self._execute(_SQL["cases"], (json.dumps(missing),)).fetchall())}
            for case in read.values():
                self._known.remember(case)
        return [read.get(each) or self._known.get(each) for each in ids]

    def live_case(self, dedup_key: str) -> Case | None:
        if not self._known.knows_live(dedup_key):
            self.look_for_live((dedup_key,))
        return self._known.live(dedup_key)

    def look_for_live(self, dedup_keys: Iterable[str]) -> None:
        keys = [key for key in dict.fromkeys(dedup_keys) if not self._known.knows_live(key)]
        if keys:
            for row in self._execute(_SQL["live"], (json.dumps(keys),)).fetchall():
                self._known.remember(as_case(row))
            for key in keys:
                if not self._known.knows_live(key):
                    self._known.has_no_live(key)

    def history(self, case_id: int) -> list[HistoryRow]:
        return [HistoryRow(*row) for row in self._do(_SQL["history"], (case_id,))]

    def _note_end(self, case: Case) -> None:
        """Write down for the source of a case that it has come to an end, where the source wants to hear of that."""
        if case.state in FINAL:
            if self._followers is None:
                self._followers = frozenset(child for (child,) in self._execute(_SQL["followers"], ()))
            if case.child in self._followers:
                self._unwritten.end(case)


def _writable(case: Case) -> Case:
    """Return a case as it can be read back: a sender's text may hold half a surrogate pair."""
    texts = {"name": case.name, "subject": case.subject, "reason": case.reason, "decided_by": case.decided_by}
    if all(map(str.isascii, texts.values())):
        return case
    return replace(case, **{name: writable_text(text) for name, text in texts.items()})
