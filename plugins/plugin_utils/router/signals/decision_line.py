# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A decision in one line, for people who read the log as it is."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import CASE_NOTED, DISPATCH_ENDED, ROUTER, Change

from .bounded_text import Texts


def in_a_line(change: Change, hosts: Sequence[str], text: Texts) -> str:
    """Say in a line what happened; the longer parts are cut so that each has its place in it."""
    why = f": {change.why}" if change.why else ""
    who = f" by {change.by}" if by_a_person(change) else ""
    if change.case:
        case = change.case
        on = f" on {', '.join(text.several(hosts[:5]))}{', ...' if len(hosts) > 5 else ''}" if hosts else ""
        what = f"case {case.id} ({text.short(case.name or case.type)}{on})"
        turn = f" {change.from_state} -> {case.state}" if change.from_state and change.from_state != case.state else f" {case.state}"
        return f"{what}{turn if change.action != CASE_NOTED else ' noted'}{who}{why}"
    if change.dispatch:
        dispatch = change.dispatch
        size = f"attempt {dispatch.attempt} on {len(dispatch.hosts)} host(s) for {len(dispatch.shares)} case(s)"
        result = f": {dispatch.outcome}" if change.action == DISPATCH_ENDED else ""
        return f"{change.action.replace('-', ' ')}, {size}{result or why}"
    what = change.action.replace("-", " ")
    if change.storm:
        what += f", {change.storm.unhealthy} of {change.storm.known_hosts} hosts fail"
    elif change.pause:
        what += f" for {text.of_json(change.pause.match) if change.pause.match else 'everything'}"
    elif change.details:
        what += f", {', '.join(f'{name} {text.plain(value)}' for name, value in list(change.details.items())[:5])}"
    return f"{what}{who}{why}"


def by_a_person(change: Change) -> bool:
    """Tell whether a person made the change, and not the router."""
    return change.by not in ("", ROUTER)
