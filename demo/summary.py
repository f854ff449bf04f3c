# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of the demo: what was measured, and which claims held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acts.crash import Crash
from acts.given_up import GivenUp
from acts.healed import Healed
from acts.hostile import Hostile, Sent
from acts.outage import Outage
from claims import Claim
from timeline import BAD, GOOD, LOUD, QUIET, Timeline


def tell_outages(timeline: Timeline, healed: Healed, given_up: GivenUp, crash: Crash) -> None:
    """Print the table of the services that were killed."""
    waits = ", ".join(f"{wait:.1f} s" for wait in given_up.outage.waits)
    rows = [
        ("", "to detect", "to heal", "to confirm", "attempts", ""),
        _row(healed.outage, ""),
        _row(given_up.outage, f"waits between them: {waits or '-'}; {len(given_up.stage.calls())} call for a person"),
        _row(crash.outage, "ansible-rulebook was killed and started again meanwhile"),
    ]
    timeline.say()
    timeline.say("Services, in seconds since each was killed", LOUD)
    _table(timeline, rows)


def tell_events(timeline: Timeline, hostile: Hostile) -> None:
    """Print the table of the hostile events."""
    timeline.say()
    timeline.say("Events at the webhook", LOUD)
    _table(timeline, [(sent.name, _became(hostile, sent)) for sent in (hostile.command, hostile.everywhere, hostile.breaker, hostile.ordinary)])


def tell_claims(timeline: Timeline, claims: Sequence[Claim]) -> bool:
    """Print every claim and whether it held; return whether all did."""
    timeline.say()
    timeline.say("Claims, checked against sockets, files and what is in the stores", LOUD)
    for claim in claims:
        timeline.say(f"  {'held  ' if claim.held else 'FAILED'}  {claim}", GOOD if claim.held else BAD)
    return all(claim.held for claim in claims)


def _row(outage: Outage, remark: str) -> tuple[str, ...]:
    times = (outage.seconds_to_detect, outage.seconds_to_heal, outage.seconds_to_confirm)
    return (outage.host, *("-" if seconds is None else f"{seconds:.1f}" for seconds in times), str(len(outage.attempts)), remark)


def _became(hostile: Hostile, sent: Sent) -> str:
    case = hostile.case(sent)
    if case is None:
        return "was not seen"
    hosts = sorted({run.host for run in hostile.records.runs(case)})
    where = f"one playbook, on {', '.join(hosts)}" if hosts else "no playbook ran"
    return f"{case.state} after {hostile.seconds(sent):.1f} s: {where}"


def _table(timeline: Timeline, rows: Iterable[Sequence[str]]) -> None:
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        timeline.say(line.rstrip(), QUIET if number == 0 and not row[0] else "")
