# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event that a dispatch puts to the engine: what rules read and playbooks receive (DESIGN section 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Case, Dispatch, EventRow
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch

from .shortening import shorten

# Drools takes 0.7 ms for an event of 1.5 kB and 5 ms at 200 kB, on the event loop.
MAX_DISPATCH_BYTES = 65_536
# `--limit` is one argument of a command line; Linux takes 128 KiB for one (MAX_ARG_STRLEN).
MAX_LIMIT_BYTES = 102_400


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
    mapping.update(
        case=_case(case, dispatch.attempt, max_attempts),
        neutralized=changed,
        meta={
            **_own_meta(mapping),
            "hosts": list(dispatch.hosts),
            "uuid": dispatch.uuid,
            "source": {"name": source_name, "child": row.child, "generation": generation},
        },
    )
    entry = {"case": case.id, **{key: mapping[key] for key in ("id", "subject", "hosts", "severity", "data")}}
    mapping["events"] = [entry]
    # The host list has a limit of its own; it stands there three times.
    shorten(mapping, MAX_DISPATCH_BYTES + 3 * len(json.dumps(dispatch.hosts)))
    return mapping


def as_rules_see_it(case: Case, row: EventRow, *, attempt: int, max_attempts: int) -> dict:
    """Build what `RuleReads.key_of` compares: a case's event as a dispatch of it alone would put it, as the sender wrote it.

    :param attempt: the one that the dispatch would be, which is the case's next.
    """
    mapping = row.event.to_mapping()
    mapping.update(case=_case(case, attempt, max_attempts), meta={**_own_meta(mapping), "source": {"child": row.child}})
    return mapping


def _case(case: Case, attempt: int, max_attempts: int) -> dict:
    return {
        "id": case.id,
        "kind": case.kind,
        "attempt": attempt,
        "max_attempts": max_attempts,
        "opened_at": from_epoch(case.opened_at),
        "count": case.count,
    }


def _own_meta(mapping: Mapping) -> Mapping:
    """Return what a stock child put under `meta`."""
    meta = mapping.get("meta")
    return meta if isinstance(meta, Mapping) else {}
