# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a journal entry in NetBox says of a case that is over. NetBox shows it as Markdown: what comes from hosts is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EXHAUSTED, RESOLVED, SUPPRESSED

KINDS: Mapping[str, str] = {RESOLVED: "success", EXHAUSTED: "danger", SUPPRESSED: "warning"}
_SAID = {RESOLVED: "Done", EXHAUSTED: "Failed", SUPPRESSED: "Not done"}
_LONGEST_ERROR = 2000
# NetBox takes no text with a NUL in it, nor its database a lone surrogate; the others would be seen by nobody.
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def is_told(finished: Finished) -> bool:
    """Tell whether the end of a case is of interest to those who look at the object: it was worked on, or refused."""
    return finished.case.state in KINDS


def mark_of(finished: Finished, source: str) -> str:
    """Return what an entry is known by: of two that tell of the same end one is too many."""
    return f"eventops {source} {finished.case.id}.{finished.id}"


def comments_of(finished: Finished, source: str, console: str | None) -> str:
    """Write the entry.

    :param source: who of several sources writes.
    :param console: the address of the console, for a link to the case.
    """
    case = finished.case
    name = f"case {case.id}" if console is None else f"[case {case.id}]({console.rstrip('/')}/cases/{case.id})"
    attempts = "" if not case.attempt else f" after {case.attempt} attempt{'s' if case.attempt > 1 else ''}"
    lines = [f"**{_SAID[case.state]}**: `{finished.event.type}`{attempts}, {finished.duration_seconds:.0f} s, {name}."]
    if case.state != RESOLVED:
        lines += ["", _quoted(finished.error or case.reason)]
        if finished.error and case.reason and finished.error not in case.reason:
            lines += ["", _quoted(case.reason)]
        if unreachable := finished.event.data.get("unreachable"):
            lines += ["", _quoted(f"How to reach it: {unreachable}")]
    return "\n".join([*lines, "", f"`{mark_of(finished, source)}`"])


def _quoted(text: str) -> str:
    """Show a text as it is: indented, so that nothing in it ends the block."""
    lines = [_UNWRITABLE.sub("\ufffd", line) for line in text[:_LONGEST_ERROR].strip().splitlines()]
    return "\n".join(f"    {line}" for line in lines or ["(no message)"])
