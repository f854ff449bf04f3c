# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event that a dispatch puts to the engine: what rules read and playbooks receive (DESIGN section 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, EventRow
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

# Drools takes 0.7 ms for an event of 1.5 kB and 5 ms at 200 kB, on the event loop.
MAX_DISPATCH_BYTES = 65_536
# `--limit` is one argument of a command line; Linux takes 128 KiB for one (MAX_ARG_STRLEN).
MAX_LIMIT_BYTES = 102_400
# An object goes as a whole when nothing in it is longer than this: to take it apart would keep the event loop.
_CRUMB_BYTES = 4_096


class Rejected(Exception):
    """The event is not put to the engine; the message says why."""


def dispatch_event(case: Case, row: EventRow, dispatch: Dispatch, *, max_attempts: int, source_name: str, generation: str, reject: bool) -> dict:
    """Build the mapping that goes on the engine's queue. Raises Rejected."""
    event = row.event
    limit = len(",".join(dispatch.hosts))
    if limit > MAX_LIMIT_BYTES:
        raise Rejected(f"its {len(dispatch.hosts)} hosts make a --limit of {limit} bytes, at most {MAX_LIMIT_BYTES} can be given")
    mapping, changed = neutralize(event.to_mapping())
    if changed and reject:
        raise Rejected("its text holds template markers or other text that is not safe for the engine (neutralize: reject)")
    own_meta = mapping.get("meta")
    mapping.update(
        case={
            "id": case.id,
            "kind": case.kind,
            "attempt": dispatch.attempt,
            "max_attempts": max_attempts,
            "opened_at": from_epoch(case.opened_at),
            "count": case.count,
        },
        neutralized=changed,
        meta={
            **(own_meta if isinstance(own_meta, Mapping) else {}),
            "hosts": list(dispatch.hosts),
            "uuid": dispatch.uuid,
            "source": {"name": source_name, "child": row.child, "generation": generation},
        },
    )
    entry = {"case": case.id, **{key: mapping[key] for key in ("id", "subject", "hosts", "severity", "data")}}
    return _within_limit({**mapping, "events": [entry]})


def _within_limit(mapping: dict) -> dict:
    """Leave out what is long, the longest first, until the event is small enough; the store has it whole."""
    left_out = []
    while (excess := len(json.dumps(mapping)) - MAX_DISPATCH_BYTES) > 0:
        longest = _longest(mapping, excess)
        if longest is None:
            break
        holder, key, path = longest
        del holder[key]  # an entry of `events` shares its `data`
        left_out.append(path)
        mapping["left_out"] = left_out
    return mapping


def _longest(mapping: dict, excess: int) -> tuple[dict, str, str] | None:
    """Find the longest thing that may go: something in `data`, or in what a stock child put. Rules read the rest."""
    fixed = {"specversion", "id", "source", "type", "subject", "time", "severity", "hosts", "dedup_key", "data", "case", "events", "meta"}
    parts = [(mapping, key, key) for key in mapping if key not in fixed and key not in ("neutralized", "left_out")]
    parts += _parts(mapping["data"], "data")
    longest = max(parts, key=_length, default=None)
    while longest and isinstance(inside := longest[0][longest[1]], dict):
        part = max(_parts(inside, longest[2]), key=_length, default=None)
        if part is None or _length(part) < max(_CRUMB_BYTES, excess / 16):
            break
        longest = part
    return longest


def _parts(holder: dict, path: str) -> list[tuple[dict, str, str]]:
    return [(holder, key, f"{path}.{key}") for key in holder]


def _length(part: tuple[dict, str, str]) -> int:
    holder, key, _path = part
    return len(json.dumps(holder[key]))
