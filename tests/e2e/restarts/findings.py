# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is found out after a soak: the numbers, and everything that broke a promise."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.restarts.kept_executions import Kept
from ansible_collections.eventops.infra.tests.e2e.restarts.stories import CHANGE, NO_RULE, REQUEST, RESOLVED, UNKNOWN_HOST
from ansible_collections.eventops.infra.tests.e2e.restarts.traces import Work, overlaps

# What may become of a case here: its playbook was told to fail, or ansible-rulebook was killed too often while it was in flight.
_EXPECTED = re.compile(r"succeeded|no rule took it|failed: .*(as told|ended before a playbook began|was cut off before it ended).*", re.DOTALL)
# A dispatch tells it of its cases once, or of how many of them where it differs.
_COUNT = re.compile(r"(?:^|; )\d+ of \d+ ")


@dataclass
class Findings:
    """The state of everything once it is quiet.

    :param answered: the events that got their answer, by id.
    :param kept: every run of a playbook that the callback told of.
    :param works: every work that a playbook did.
    :param tasks: how many works a playbook's run does on each host.
    :param kills: the times at which ansible-rulebook was killed, seconds since the epoch.
    """

    ledger: Ledger
    answered: Mapping[str, Mapping]
    kept: Sequence[Kept]
    works: Sequence[Work]
    tasks: int
    kills: Sequence[float]
    events: dict[str, dict] = field(init=False)
    cases: dict[int, dict] = field(init=False)
    dispatches: dict[str, dict] = field(init=False)
    executions: list[dict] = field(init=False)

    def __post_init__(self) -> None:
        self.events = {row["event_id"]: row for row in self.ledger.events(child="hook")}
        self.cases = {row["id"]: row for row in self.ledger.cases()}
        self.dispatches = {row["uuid"]: row for row in self.ledger.dispatches()}
        self.executions = self.ledger.executions()

    def numbers(self) -> dict[str, object]:
        """Count what was done."""
        put_again = [row for row in self.dispatches.values() if row["interruptions"]]
        return {
            "events answered": len(self.answered),
            "cases": dict(Counter(row["state"] for row in self.cases.values())),
            "dispatches": len(self.dispatches),
            "executions ended": sum(run.ended is not None for run in self.kept),
            "executions cut off": sum(run.ended is None for run in self.kept),
            "executions that outlived a kill": sum(run.ended is not None and self._was_killed_around(run) for run in self.kept),
            "dispatches interrupted": f"{len(put_again)}, {sum(row['interruptions'] for row in put_again)} times in all",
            "executions with an `ended` line that ran again": len(list(self._ended_twice())),
            "runs that overlapped on a host": len(overlaps(self.works)),
            "works done": sum(work.is_over for work in self.works),
        }

    def _was_killed_around(self, run: Kept) -> bool:
        return any(_epoch(run.started) < kill < _epoch(run.ended) for kill in self.kills)

    def broken_promises(self) -> list[str]:
        """Tell everything that should not be so."""
        checks = (self._lost, self._unfinished, self._ended_twice, self._results, self._overlapping, self._not_done, self._oddities)
        return [broken for check in checks for broken in check()]

    def _lost(self) -> Iterator[str]:
        for event_id, event in self.answered.items():
            row = self.events.get(event_id)
            if row is None or not row["handled"]:
                yield f"{event_id} got its answer and is {'not in the store' if row is None else 'not handled'}"
            elif row["case_id"] is None and event["type"] != RESOLVED:
                yield f"{event_id} has no case"

    def _unfinished(self) -> Iterator[str]:
        yield from (f"case {case['id']} is {case['state']}: {case}" for case in self.cases.values() if case["state"] not in FINAL)
        yield from (f"dispatch {row['uuid']} is {row['state']}" for row in self.dispatches.values() if row["state"] != "ended")

    def _ended_twice(self) -> Iterator[str]:
        """By the callback's own lines, and by the trace: nothing of a dispatch's playbook begins after it has ended."""
        ended: dict[tuple[str, str], float] = {}
        for run in self.kept:
            key = (run.dispatch, run.playbook)
            if key in ended:
                yield f"{run.playbook} ran again for {run.dispatch}, which had ended"
            elif run.ended is not None:
                ended[key] = _epoch(run.ended)
        for work in self.works:
            if work.began > ended.get((work.dispatch, f"{work.playbook}.yml"), float("inf")):
                yield f"work on {work.host} began after {work.playbook} had ended for {work.dispatch}: {work}"

    def _results(self) -> Iterator[str]:
        """What the callback told is what the store has."""
        stored = {(row["dispatch"], row["pid"], row["host"]) for row in self.executions if row["ended_at"]}
        told = {(run.dispatch, run.pid, host) for run in self.kept if run.ended for host in run.hosts if run.dispatch in self.dispatches}
        yield from (f"the store lacks a result: {row}" for row in told - stored)
        yield from (f"the store has a result that no run told: {row}" for row in stored - told)

    def _overlapping(self) -> Iterator[str]:
        yield from (f"two runs at once on {one.host}: {one} and {other}" for one, other in overlaps(self.works))

    def _not_done(self) -> Iterator[str]:
        """A run that ended well did its work on every host, and the newest event of a request or a change was worked on."""
        done: dict[tuple[str, str], Counter] = defaultdict(Counter)
        for work in self.works:
            if work.is_over:
                done[work.run, work.dispatch][work.host] += 1
        whole = {dispatch for (_run, dispatch), hosts in done.items() if self._is_whole(dispatch, hosts)}
        for run in self.kept:
            if run.ended and run.dispatch not in whole:
                yield f"{run.playbook} ended for {run.dispatch} without its work: {run}"
        numbers = {work.number for work in self.works if work.is_over}
        for event in self._newest():
            case = self.cases[event["case_id"]]
            if case["state"] == "resolved" and event["body"]["data"]["number"] not in numbers:
                yield f"{event['event_id']} was not worked on, and case {case['id']} is resolved"

    def _is_whole(self, dispatch: str, hosts: Counter) -> bool:
        return dispatch in self.dispatches and hosts == dict.fromkeys(self.dispatches[dispatch]["hosts"], self.tasks)

    def _newest(self) -> list[dict]:
        newest: dict[int, dict] = {}
        for event in sorted(self.events.values(), key=lambda row: row["id"]):
            if event["type"] in (REQUEST, CHANGE):
                newest[event["case_id"]] = event
        return list(newest.values())

    def _oddities(self) -> Iterator[str]:
        for dispatch in self.dispatches.values():
            if not all(_EXPECTED.fullmatch(words) for words in _told(dispatch["outcome"])):
                yield f"dispatch {dispatch['uuid']}: {dispatch['outcome']}"
        for case in self.cases.values():
            if case["state"] == "unmatched" and case["type"] not in (NO_RULE, "case.unresolved"):
                yield f"case {case['id']} is unmatched: {case}"
            if case["state"] == "suppressed" and case["subject"] != UNKNOWN_HOST:
                yield f"case {case['id']} is suppressed: {case}"


def _told(outcome: str) -> list[str]:
    """Return what a dispatch tells of its cases, without how many of them."""
    return _COUNT.split(outcome)[1:] if _COUNT.match(outcome) else [outcome]


def _epoch(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
