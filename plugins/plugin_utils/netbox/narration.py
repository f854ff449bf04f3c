# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Narration: what a change of an object means, as a value. Which events tell of it, and what is known of the object from then on.

An object that needs fields that it does not have yet is held: nothing is told of its updates, until they are there. That is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

from .change import CREATED, DELETED, UPDATED, Change, Key, time_of
from .fields import field_at, is_set_flat, missing_fields
from .known import HELD, READY, UNTOLD, Known, context_of, last_known
from .own_changes import OwnFields, is_own
from .telling import NOT_READY, Teller
from .telling import READY as IS_READY

_CONTEXT = "config_context"
_LOCAL_CONTEXT = "local_context_data"  # rendered into it
# Nobody waits for these: they are not there yet, or not any more.
_EXPECTED_BY_NOBODY = frozenset({"planned", "decommissioning"})
_LEAVING = "decommissioning"
# A change log that says nothing for so long has lost it.
_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Told:
    """What is told, and what is known of the object then; None: nothing any more."""

    events: tuple[Event, ...]
    known: Known | None


@dataclass(frozen=True, slots=True)
class Narrator:
    """Tells of one NetBox's objects.

    :param ready: the fields that objects of a type need, by type.
    :param within_seconds: how long they may be missing.
    :param own: what we write to objects ourselves.
    :param filtered: the types of which only some objects are told of. Those that were within the filters from the start are known.
    """

    teller: Teller
    ready: Mapping[str, tuple[str, ...]]
    within_seconds: float
    own: OwnFields
    filtered: frozenset[str] = frozenset()

    def tell(self, change: Change, thing: Mapping[str, Any] | None, known: Known | None) -> Told:
        """Tell of a change.

        :param thing: the object as it is now; None when it does not exist, or is none of ours.
        """
        if change.action == DELETED:
            return Told((self.teller.of_change(DELETED, change, _gone(change, known), ()),), None)
        if thing is None:
            return Told((), known)  # its end is told by a change of its own; or it never was
        if change.action == CREATED:
            return self._created(change, thing, known)
        if known is None and change.object_type in self.filtered:
            # The filters let it through since this change: it begins here.
            known = Known(state=HELD if self._needs(change.object_type) else READY, since=change.time.timestamp())
        return self._updated(change, thing, known or Known())

    def look(self, key: Key, thing: Mapping[str, Any], known: Known, now: float) -> Told:
        """Tell what has come to be of a held object without a change that said so: what NetBox computes, and the time."""
        missing = missing_fields(thing, self._needs(key[0]))
        time = datetime.fromtimestamp(now, UTC)
        if not missing and _is_to_be_told_of(thing, known, now):
            return Told((), known)
        if not missing:
            return Told((self.teller.of_state(IS_READY, key, thing, time, {}),), _seen(known, thing, state=READY))
        if known.late or now < known.since + self.within_seconds or field_at(thing, "status.value") in _EXPECTED_BY_NOBODY:
            return Told((), known)
        since = datetime.fromtimestamp(known.since, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        event = self.teller.of_state(NOT_READY, key, thing, time, {"missing": list(missing), "since": since})
        return Told((event,), _seen(replace(known, late=True), thing))

    def first_known(self, object_type: str, thing: Mapping[str, Any], now: float) -> Known:
        """Return what is known of an object that was there before the source was: if it is not ready, nobody is told that it is late."""
        held = bool(missing_fields(thing, self._needs(object_type)))
        return _seen(Known(since=now, late=True, told_to=now), thing, state=HELD if held else READY)

    def _created(self, change: Change, thing: Mapping[str, Any], known: Known | None) -> Told:
        created = self.teller.of_change(CREATED, change, thing, ())
        if not self._needs(change.object_type):
            return Told((created,), _seen(Known(), thing, state=READY))
        if known is not None and known.state == READY:
            return Told((created,), known)
        held = _seen(Known(), thing, state=HELD, since=change.time.timestamp(), told_to=change.time.timestamp())
        made_ready = self._made_ready(change, thing, held)
        return Told((created, *made_ready.events), made_ready.known)

    def _updated(self, change: Change, thing: Mapping[str, Any], known: Known) -> Told:
        changed = _changed(change, thing, known)
        if not change.is_consequence:
            known = replace(known, told_to=max(known.told_to, change.time.timestamp()))
        if not changed or is_own(change, self.own):
            return Told((), _seen(known, thing, context=known.context))
        if known.state == UNTOLD:
            known = self._first_seen(change, thing, known)
        if known.state == HELD and change.is_consequence:
            return Told((), _seen(known, thing))  # whether it is ready now is looked at by itself
        if known.state == HELD:
            if _begins_to_be_expected(change):
                known = replace(known, since=change.time.timestamp(), late=False)
            made_ready = self._made_ready(change, thing, known)
            if made_ready.events or not _begins_to_leave(change):
                return made_ready
        # Its config context may be another by now without that being told here: what altered it is still to come.
        context = context_of(thing) if _CONTEXT in changed else known.context
        return Told((self.teller.of_change(UPDATED, change, thing, changed),), _seen(known, thing, context=context))

    def _made_ready(self, change: Change, thing: Mapping[str, Any], held: Known) -> Told:
        needs = self._needs(change.object_type)
        # The object may be further on than this change: the one that made it ready is still to come.
        if missing_fields(thing, needs) or is_set_flat(change.after, needs) is False:
            return Told((), _seen(held, thing))
        event = self.teller.of_change(IS_READY, change, thing, _changed(change, thing, held))
        return Told((event,), _seen(held, thing, state=READY))

    def _first_seen(self, change: Change, thing: Mapping[str, Any], known: Known) -> Known:
        """Tell by what it was before the change whether an object that nothing was known of had been ready."""
        needs = self._needs(change.object_type)
        was_ready = is_set_flat(change.before, needs)
        if was_ready is None:
            was_ready = not missing_fields(thing, needs)
        return replace(known, state=READY if was_ready else HELD, since=change.time.timestamp())

    def _needs(self, object_type: str) -> tuple[str, ...]:
        return self.ready.get(object_type, ())


def _seen(known: Known, thing: Mapping[str, Any], **changes: Any) -> Known:
    context = context_of(thing)
    return replace(known, **{"object": last_known(thing), "has_left": False, "context": known.context if context is None else context, **changes})


def _changed(change: Change, thing: Mapping[str, Any], known: Known) -> tuple[str, ...]:
    """Return the fields that a change altered, with the config context where that is rendered otherwise since."""
    if change.action == CREATED:
        return ()
    context = context_of(thing)
    is_rendered_anew = _LOCAL_CONTEXT in change.changed or None not in (context, known.context) and context != known.context
    told_already = change.changed == (_CONTEXT,) and context is not None and context == known.context
    if told_already:
        return ()
    return tuple(sorted({*change.changed, *([_CONTEXT] if is_rendered_anew and change.changed else [])}))


def _is_to_be_told_of(thing: Mapping[str, Any], known: Known, now: float) -> bool:
    """Tell whether the change log has a change of an object that is still to be read: that is the one that made it ready."""
    try:
        updated = time_of(thing["last_updated"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return False
    return known.told_to < updated and now < updated + _PATIENCE_SECONDS


def _begins_to_leave(change: Change) -> bool:
    return "status" in change.changed and change.after.get("status") == _LEAVING


def _begins_to_be_expected(change: Change) -> bool:
    return change.before.get("status") in _EXPECTED_BY_NOBODY and change.after.get("status") not in _EXPECTED_BY_NOBODY


def _gone(change: Change, known: Known | None) -> dict[str, Any]:
    """Return the last that is known of an object that is gone: what was read of it, and by its last state in the change log."""
    flat = change.before
    status = flat.get("status")
    from_log = {
        "id": change.object_id,
        "name": flat.get("name") or change.name,
        "display": change.name,
        **({"status": {"value": status}} if isinstance(status, str) else {}),
        **({"custom_fields": flat["custom_fields"]} if "custom_fields" in flat else {}),
    }
    return {**(known.object if known is not None else {}), **from_log}
