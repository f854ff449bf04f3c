# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write notes into the cases that a run is for: the module eventops.infra.case_note, which runs on the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import RouterError
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.router_action import RouterAction, given

LONGEST = 1000  # characters; the router keeps no more of a note
MOST = 50  # notes of one task: they may come from a host, and each is a row in the store


class ActionModule(RouterAction):
    """Annotate those cases of the run that are about the host."""

    ARGUMENTS = {
        "notes": {"type": "list", "elements": "str", "required": True},
        "by": {"type": "str"},
    }

    def run(self, tmp=None, task_vars=None):
        variables = task_vars or {}
        # Read raw: with stock ansible-rulebook the text of an event is a template that Ansible would evaluate.
        eda = variables.get("ansible_eda")
        self._cases = cases_about(variables.get("inventory_hostname"), eda.get("event") if isinstance(eda, Mapping) else None)
        return super().run(tmp, task_vars)

    def ask(self, router, arguments):
        noted, problems = [], []
        for case in self._cases:
            try:
                for note in few(arguments["notes"]):
                    body = {"case": case, "why": shortened(note), **given(arguments, "by"), "check": bool(self._task.check_mode)}
                    router.post("/cases/annotate", body)
                noted.append(case)
            except RouterError as error:
                problems.append(f"case {case}: {error}")
        return {"changed": bool(noted and arguments["notes"]), "cases": noted, "problems": problems}


def cases_about(host: object, event: object) -> list[int]:
    """Return the numbers of the cases of an event that are about a host.

    A dispatch of several cases has one entry for each, with its hosts; one of a single case is about all of its hosts.
    """
    if not isinstance(event, Mapping):
        return []
    entries = event.get("events")
    merged = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    if merged:
        # What is about no host runs on localhost.
        found = [entry.get("case") for entry in merged if isinstance(entry.get("hosts"), list) and host in (entry["hosts"] or ["localhost"])]
    else:
        case = event.get("case")
        found = [case.get("id")] if isinstance(case, Mapping) else []
    return list(dict.fromkeys(number for number in found if isinstance(number, int) and not isinstance(number, bool) and number > 0))


def shortened(note: str) -> str:
    """Keep the beginning of a note that is too long, and say so."""
    return note if len(note) <= LONGEST else f"{note[: LONGEST - 3]}..."


def few(notes: Sequence[str]) -> list[str]:
    """Keep the first notes where there are too many, and say how many are left out."""
    return list(notes) if len(notes) <= MOST else [*notes[: MOST - 1], f"{len(notes) - MOST + 1} more notes are left out"]
