# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tell what the routers write down, in plain language, while they do it."""

from __future__ import annotations

from collections.abc import Callable

from ledger import Ledger, Records, Row
from timeline import BAD, GOOD, QUIET, Timeline


class Narrator:
    """Tells each change of state of each case once, from one ledger."""

    def __init__(self, ledger: Ledger, timeline: Timeline) -> None:
        self.records = Records()
        self._ledger = ledger
        self._timeline = timeline
        self._told = 0
        self._interruptions: dict[str, int] = {}
        self._reasons: dict[int, str] = {}

    def look(self) -> Records:
        """Read the ledger, tell what is new, and return all of it."""
        self.records = self._ledger.read()
        cases = {case.id: case for case in self.records.cases}
        for row in self.records.history:
            if row.id > self._told:
                self._told = row.id
                if row.from_state != row.to_state:
                    self._tell(row, cases[row.case_id])
        for dispatch in self.records.dispatches:
            if dispatch.interruptions > self._interruptions.get(dispatch.uuid, 0):
                self._interruptions[dispatch.uuid] = dispatch.interruptions
                text = f"attempt {dispatch.attempt} was cut off, and goes out again as the same run"
                self._timeline.tell(cases[dispatch.case_id].subject, text)
        return self.records

    def _tell(self, row: Row, case: Row) -> None:
        told = _STATES.get(row.to_state)
        if told is not None and not case.type.startswith("case."):
            text, colour = told(row, case, self.records)
            if row.to_state in ("waiting", "exhausted"):
                text = self._without_repetition(text, case)
            self._timeline.tell(case.subject or ", ".join(case.hosts), text, at=row.time, colour=colour)
        elif case.type == "case.exhausted" and row.to_state in ("dispatched", "resolved", "exhausted"):
            text, colour = _CALLS[row.to_state]
            self._timeline.tell(case.subject, text, at=row.time, colour=colour)

    def _without_repetition(self, text: str, case: Row) -> str:
        """Leave the reason of a failure out where it is the one that was told last."""
        what, _colon, reason = text.partition(": ")
        if self._reasons.get(case.id) == reason:
            return f"{what} in the same way"
        self._reasons[case.id] = reason
        return text


def _opened(row: Row, case: Row, records: Records) -> tuple[str, str]:
    data = records.event(case).body["data"]
    return (f"detected: {data['value']}" if data.get("monitor") == "probe" else "its event is taken in", "")


def _dispatched(row: Row, case: Row, records: Records) -> tuple[str, str]:
    number = next(n for n, attempt in enumerate(records.attempts(case), 1) if attempt.uuid in row.why)
    return f"attempt {number}: a playbook runs on {', '.join(case.hosts)}", ""


def _waiting(row: Row, case: Row, records: Records) -> tuple[str, str]:
    return row.why, BAD


def _resolved(row: Row, case: Row, records: Records) -> tuple[str, str]:
    return (f"confirmed: {row.why}" if case.type == "alert.firing" else f"done: {row.why}"), GOOD


_STATES: dict[str, Callable[[Row, Row, Records], tuple[str, str]]] = {
    "open": _opened,
    "dispatched": _dispatched,
    "verifying": lambda row, case, records: (row.why, ""),
    "waiting": _waiting,
    "resolved": _resolved,
    "exhausted": lambda row, case, records: (f"given up, {row.why}", BAD),
    "suppressed": lambda row, case, records: (f"nothing is run: {row.why}", QUIET),
    "unmatched": lambda row, case, records: (f"nothing is run: {row.why}", QUIET),
}
_CALLS = {
    "dispatched": ("escalation: the playbook that calls a person runs", ""),
    "resolved": ("escalation: the person has been told", GOOD),
    "exhausted": ("escalation: the person could not be told", BAD),
}
