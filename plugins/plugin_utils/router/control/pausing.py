# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person may do to everything at once, or to all that matches: pause it, resume it, release it from a storm. Transactions.

Pauses of several people stand beside each other: what one has paused, another one's shorter pause does not end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CaseQuery, Pause, Storm

from ..policy.case_life import subject_of
from ..policy.matching import Subject, matches
from .intervention import Intervention

Pauses = tuple[Pause, ...]

_NOBODY = Subject(type="", name="", kind="", severity="", subject="", hosts=(), child="", dedup_key="")


def pause(tx: Transaction, match: Mapping[str, object], *, by: str, why: str = "", until: float | None = None, now: float) -> Intervention[Pauses]:
    """Have nothing dispatched that matches, from now until a time or, without one, until somebody resumes it.

    Where the same person has paused the same already, the longer of both times holds. What runs goes on.
    """
    before = tuple(tx.pauses(now))
    own = own_pauses(before, match, by)
    if any(_lasts_as_long(each, until) for each in own):
        return Intervention(False, before, before)
    for each in own:
        tx.end_pause(each.id, by=by, now=now)
    tx.add_pause(Pause(match=dict(match), since=min([now, *(each.since for each in own)]), by=by, why=why, until=until))
    return Intervention(True, before, tuple(tx.pauses(now)))


def resume(tx: Transaction, pause_id: int, *, by: str, now: float) -> Intervention[Pauses]:
    """End one pause; one that has ended already changes nothing."""
    return _end(tx, lambda each: each.id == pause_id, by, now)


def resume_matching(tx: Transaction, match: Mapping[str, object], *, by: str, now: float) -> Intervention[Pauses]:
    """End every pause of exactly this match, whoever began it. Wider and narrower pauses hold on."""
    return _end(tx, lambda each: _normal(each.match) == _normal(match), by, now)


def resume_all(tx: Transaction, *, by: str, now: float) -> Intervention[Pauses]:
    """End every pause."""
    return _end(tx, lambda each: True, by, now)


def release(tx: Transaction, *, by: str, now: float) -> Intervention[Storm | None]:
    """Have the hosts of the storm that goes on healed one by one after all; without one, nothing changes."""
    storm = tx.storm()
    if storm is None or storm.released_by:
        return Intervention(False, storm, storm)
    released = replace(storm, released_by=by)
    tx.save_storm(released, by=by, now=now)
    return Intervention(True, storm, released)


def own_pauses(pauses: Pauses, match: Mapping[str, object], by: str) -> list[Pause]:
    """List those pauses that this person made of exactly this."""
    return [each for each in pauses if each.by == by and _normal(each.match) == _normal(match)]


def pauses_for(tx: Transaction, hosts: tuple[str, ...], case_ids: Sequence[int], now: float) -> list[Pause]:
    """List the pauses that hold for a run on some hosts: those of everything and of hosts alone, and those that match one of the cases it is for."""
    cases = tx.find_cases(CaseQuery(ids=tuple(case_ids), limit=len(case_ids))) if case_ids else []
    subjects = [replace(subject_of(case), hosts=hosts) for case in cases]
    by_hand = replace(_NOBODY, hosts=hosts)

    def holds(pause: Pause) -> bool:
        is_of_hosts = pause.match.keys() <= {"host"} and matches(pause.match, by_hand)
        return is_of_hosts or any(matches(pause.match, subject) for subject in subjects)

    return [each for each in tx.pauses(now) if holds(each)]


def _end(tx: Transaction, is_meant: Callable[[Pause], bool], by: str, now: float) -> Intervention[Pauses]:
    before = tuple(tx.pauses(now))
    meant = [each for each in before if is_meant(each)]
    for each in meant:
        tx.end_pause(each.id, by=by, now=now)
    return Intervention(bool(meant), before, tuple(tx.pauses(now)) if meant else before)


def _lasts_as_long(each: Pause, until: float | None) -> bool:
    return each.until is None or (until is not None and each.until >= until)


def _normal(match: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Bring a match to one spelling: a text is a list of one, and order does not matter."""
    return {field: tuple(sorted({wanted} if isinstance(wanted, str) else set(wanted))) for field, wanted in match.items()}
