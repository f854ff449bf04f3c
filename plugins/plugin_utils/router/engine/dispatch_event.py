# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event that a dispatch puts to the engine: what rules read and playbooks receive (DESIGN section 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, EventRow

from .case_fields import case_fields
from .shortening import keep_what_fits, shorten

# Drools takes 0.7 ms for an event of 1.5 kB and 5 ms at 200 kB, on the event loop.
MAX_DISPATCH_BYTES = 65_536
# `--limit` is one argument of a command line; Linux takes 128 KiB for one (MAX_ARG_STRLEN).
MAX_LIMIT_BYTES = 102_400
# What the entries in `events` may take without their data and hosts. What rules read of the leading case's data has at most half of the dispatch
# when it goes alone, for it stands there twice; so it has as much in company.
MAX_IDENTITY_BYTES = 24_576
# What the data of cases that call people may take together. The rest is for who they are, and for what surrounds it.
MAX_STORIES_BYTES = 32_768

_IDENTITY = ("id", "subject", "severity")
_NOTE_BYTES = 24  # what naming one entry in `left_out` takes


class Rejected(Exception):
    """The event is not put to the engine; the message says why."""


def dispatch_event(members: Sequence[tuple[Case, EventRow]], dispatch: Dispatch, *, max_attempts: int, source_name: str, generation: str) -> dict:
    """Build the mapping that goes on the engine's queue, of the cases of a dispatch with their events, the most urgent first. Raises Rejected."""
    limit = len(",".join(dispatch.hosts))
    if limit > MAX_LIMIT_BYTES:
        raise Rejected(f"its {len(dispatch.hosts)} hosts make a --limit of {limit} bytes, at most {MAX_LIMIT_BYTES} can be given")
    (case, row), *others = members
    mapping, changed = neutralize(row.event.to_mapping())
    own_meta = mapping.get("meta")
    mapping.update(
        case=case_fields(case, dispatch.attempt, max_attempts),
        neutralized=changed,
        meta={
            **(own_meta if isinstance(own_meta, Mapping) else {}),
            "hosts": list(dispatch.hosts),
            "uuid": dispatch.uuid,
            "source": {"name": source_name, "child": row.child, "generation": generation},
        },
        events=[{**_entry(case, mapping), "data": mapping["data"]}],
    )
    _shorten(mapping)
    if others:
        _add(mapping, others)
    return mapping


def identity_bytes(case: Case, row: EventRow) -> int:
    """Return what a case takes of `MAX_IDENTITY_BYTES`."""
    return len(json.dumps({"case": case.id, **_identity(row), "hosts": [], "data": {}})) + _NOTE_BYTES


def story_bytes(row: EventRow) -> int:
    """Return what the data of a case's event takes of `MAX_STORIES_BYTES`; that of the leading one twice, for it stands there twice."""
    return len(json.dumps(neutralize(row.event.data)[0]))


def _add(mapping: dict, others: Sequence[tuple[Case, EventRow]]) -> None:
    """Add the other cases: who they are always, their data as far as there is room, the shortest first."""
    entries = []
    for case, row in others:
        identity, changed = neutralize(_identity(row))
        mapping["neutralized"] |= changed
        entries.append({**_entry(case, identity), "data": {}})
    mapping["events"].extend(entries)
    _make_room(mapping)
    room = _most_bytes(mapping) - len(json.dumps(mapping)) - _NOTE_BYTES * len(others)
    kept = keep_what_fits([row.event.data for _case, row in others], room)
    for number, (entry, data) in enumerate(zip(entries, kept), start=1):
        if data is None:
            mapping.setdefault("left_out", []).append(f"events[{number}].data")
        else:
            entry["data"], changed = data
            mapping["neutralized"] |= changed


def _make_room(mapping: dict) -> None:
    """Leave out what the leading case can do without in company: rules see its data as if it went alone.

    So its entry need not repeat the data, and what a stock child put beside it is read by no rule.
    """
    if len(json.dumps(mapping)) > _most_bytes(mapping):
        mapping["events"][0]["data"] = {}
        mapping.setdefault("left_out", []).append("events[0].data")
        shorten(mapping, _most_bytes(mapping), data_too=False)
        _shorten(mapping)


def _identity(row: EventRow) -> dict:
    return {key: getattr(row.event, key) for key in _IDENTITY}


def _entry(case: Case, identity: Mapping) -> dict:
    return {"case": case.id, **{key: identity[key] for key in _IDENTITY}, "hosts": list(case.hosts)}


def _shorten(mapping: dict) -> None:
    shorten(mapping, _most_bytes(mapping))


def _most_bytes(mapping: Mapping) -> int:
    """Return how long a dispatch may be: lists of hosts have a limit of their own."""
    lists = [mapping["hosts"], mapping["meta"]["hosts"], *(entry["hosts"] for entry in mapping["events"])]
    return MAX_DISPATCH_BYTES + sum(len(json.dumps(hosts)) for hosts in lists)
