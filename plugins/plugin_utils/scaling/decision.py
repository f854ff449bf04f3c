# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a group is scaled, and to how many: a function of what was measured, what is asked, what it is bound to and the time."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Measured
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.record import MOST_TEMPORARY, Record, Temporary, read_record, still_there, without
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns, Exactly, GiveBack, Step, Wanted
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

_CLOCKS_MAY_DIFFER_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Scale:
    """Set the capacity to `to`, and write `record` to the group."""

    to: int
    why: str
    record: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Do nothing, and all is well."""

    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do nothing, and somebody should know."""

    why: str


Decision = Scale | Leave | Refuse


@dataclass(frozen=True, slots=True)
class Moment:
    """What else the decision depends on.

    Attributes:
        now: in seconds since the epoch.
        case: the number of the case that it is for, to write it down.
        temporary: the name under which what is added is given back later; None for what stays.
    """

    now: float
    case: int | None = None
    temporary: str | None = None


def decide(measured: Measured, wanted: Wanted, bounds: Bounds, cooldowns: Cooldowns, moment: Moment) -> Decision:
    """Decide. The bounds of the group hold as well as those that are given."""
    try:
        last = read_record(measured.record)
    except ValueError as error:
        return Refuse(f"what it has of its last change cannot be read: {error}. Remove that, or write back what was there")
    within = _both(measured, bounds)
    if within.least > within.most:
        return Refuse(f"it may have {_range(bounds)} instances by this role's bounds, and {_range(_own(measured))} by its own, which have nothing in common")
    if isinstance(wanted, GiveBack):
        return _give_back(measured, wanted, within, last, moment)
    return (
        _out_of_bounds(measured, wanted, within, bounds)
        or _failing(measured)
        or _already_so(measured, wanted, moment)
        or _too_early(measured, wanted, cooldowns, last, moment.now)
        or _scale(measured, wanted, within, last, moment)
    )


def _out_of_bounds(measured: Measured, wanted: Wanted, within: Bounds, bounds: Bounds) -> Refuse | None:
    if not isinstance(wanted, Exactly) or within.least <= wanted.to <= within.most:
        return None
    whose = "this role's" if not bounds.least <= wanted.to <= bounds.most else "its own"
    limits = bounds if whose == "this role's" else _own(measured)
    return Refuse(f"{wanted.to} instances are outside {whose} bounds, {_range(limits)}")


def _failing(measured: Measured) -> Refuse | None:
    """Find that what was asked for last does not come: in the cooldown, too, that is not well."""
    if not measured.trouble or measured.serving >= measured.desired:
        return None
    return Refuse(f"{measured.serving} of the {measured.desired} instances that it is to have are in service and healthy, and it says: {measured.trouble}")


def _already_so(measured: Measured, wanted: Wanted, moment: Moment) -> Leave | None:
    if not isinstance(wanted, Exactly) or wanted.to > measured.desired:
        return None
    if wanted.to == measured.desired:
        return Leave(f"it is to have {wanted.to} instances already")
    return Leave(f"it is to have {measured.desired} instances already, and nothing is to be added for a time") if moment.temporary else None


def _too_early(measured: Measured, wanted: Wanted, cooldowns: Cooldowns, last: Record | None, now: float) -> Leave | Refuse | None:
    changed_at = max(last.at if last else 0.0, measured.changed_at or 0.0)
    if changed_at > now + _CLOCKS_MAY_DIFFER_SECONDS:
        return Refuse(f"it was last changed at {from_epoch(int(changed_at))}, which is yet to come: is a clock wrong?")
    direction = _direction(measured, wanted)
    needed = cooldowns.out_seconds if direction == "out" else cooldowns.in_seconds
    if now < changed_at + needed:
        return Leave(
            f"it was last changed at {from_epoch(int(changed_at))}, and {needed:.0f} s must pass before it is scaled {direction}, "
            f"{changed_at + needed - now:.0f} s from now"
        )
    return Leave(f"{_some(measured.warming)} still warm up") if measured.warming else None


def _scale(measured: Measured, wanted: Wanted, within: Bounds, last: Record | None, moment: Moment) -> Decision:
    has = measured.desired
    if isinstance(wanted, Exactly):
        to, less = wanted.to, ""
    elif wanted.direction == "out":
        if has >= within.most:
            return Refuse(f"it is to have {has} instances already, and may have no more than {within.most}")
        to = min(has + wanted.by, within.most)
        less = f"; no more than {within.most} are allowed" if to < has + wanted.by else ""
    else:
        if has <= within.least:
            return Leave(f"it is to have {has} instances, and may have no fewer than {within.least}")
        if measured.protected >= has:
            return Leave(f"all of its {has} instances are protected from scale-in")
        to = max(has - wanted.by, within.least, measured.protected)
        less = "; no fewer are allowed, or not protected" if to > has - wanted.by else ""
    if not within.least <= to <= within.most:
        return Refuse(f"it is to have {has} instances, outside {_range(within)}: somebody else has set that, and decides how it goes on")
    temporary = still_there(last, has)
    if to > has and moment.temporary:
        if len(temporary) >= MOST_TEMPORARY:
            return Refuse(f"{len(temporary)} times it was given instances for a time, which are not given back yet; more cannot be remembered")
        temporary = (*temporary, Temporary(moment.temporary, to - has))
    elif to < has:
        temporary = without(temporary, has - to)
    return _impossible_now(measured, to) or Scale(to, f"from {has} to {to} instances{less}", _record(measured, to, temporary, moment))


def _give_back(measured: Measured, wanted: GiveBack, within: Bounds, last: Record | None, moment: Moment) -> Decision:
    # No cooldown: the time for it was fixed when it was taken.
    has, temporary = measured.desired, still_there(last, measured.desired)
    count = sum(each.count for each in temporary if each.id == wanted.id)
    to = max(has - count, within.least)
    if not count:
        return Leave("what was added for a time is given back already, or others have taken it away")
    if to >= has:
        return Leave(f"it is to have {has} instances, and may have no fewer than {within.least}")
    if to > within.most:
        return Refuse(f"it is to have {has} instances, outside {_range(within)}: somebody else has set that, and decides how it goes on")
    left = tuple(each for each in temporary if each.id != wanted.id)
    return _impossible_now(measured, to) or Scale(to, f"from {has} to {to} instances, as {count} were added for a time", _record(measured, to, left, moment))


def _impossible_now(measured: Measured, to: int) -> Refuse | None:
    grows = to > measured.desired
    if measured.in_progress:
        return Refuse(f"it is not changed while this goes on: {measured.in_progress}")
    # It may shrink to what it has: then nothing more has to come.
    if measured.counted not in (None, measured.desired) and (grows or measured.counted > to):
        return Refuse(f"it has {measured.counted} of the {measured.desired} instances that it is to have, and is not changed meanwhile")
    if blocked := measured.blocked_out if grows else measured.blocked_in:
        return Refuse(f"it cannot {'grow' if grows else 'shrink'} now: {blocked}")
    if not grows and to < measured.protected:
        return Refuse(f"{measured.protected} of its instances are protected from scale-in, so it cannot shrink to {to}")
    return None


def _record(measured: Measured, to: int, temporary: tuple[Temporary, ...], moment: Moment) -> str:
    return Record(moment.now, "out" if to > measured.desired else "in", measured.desired, to, moment.case, temporary).to_text()


def _direction(measured: Measured, wanted: Wanted) -> str:
    return wanted.direction if isinstance(wanted, Step) else "out" if wanted.to > measured.desired else "in"


def _own(measured: Measured) -> Bounds:
    return Bounds(measured.least or 0, measured.most if measured.most is not None else 10_000)


def _both(measured: Measured, bounds: Bounds) -> Bounds:
    own = _own(measured)
    return Bounds(max(bounds.least, own.least), min(bounds.most, own.most))


def _range(bounds: Bounds) -> str:
    return f"{bounds.least} to {bounds.most}"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
