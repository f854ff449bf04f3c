# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a router about its cases: the module eventops.infra.case_info, which runs on the controller."""

from __future__ import annotations

import re

from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import NoRouter, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.router_action import RouterAction, given

# Options, and what the router calls them.
_FILTERS = {
    "case": "ids",
    "state": "states",
    "kind": "kinds",
    "type": "types",
    "name": "names",
    "severity": "severities",
    "host": "hosts",
    "dedup_key": "dedup_keys",
}
_OTHERS = ("text", "live", "updated_after", "before_id", "limit", "story")


class ActionModule(RouterAction):
    """Find cases, and tell what holds them up."""

    ARGUMENTS = {
        **{name: {"type": "list", "elements": "str"} for name in _FILTERS if name != "case"},
        "case": {"type": "list", "elements": "int", "aliases": ["id"]},
        "text": {"type": "str"},
        "live": {"type": "bool"},
        "updated_after": {"type": "str"},
        "before_id": {"type": "int"},
        "limit": {"type": "int", "default": 100},
        "story": {"type": "bool", "default": False},
        "run_on": {"type": "list", "elements": "str"},
        "run_of": {"type": "list", "elements": "int"},
        "optional": {"type": "bool", "default": False},
    }
    RULES = {"required_by": {"run_of": ["run_on"]}}

    def ask(self, router, arguments):
        try:
            status = router.get("/status")
        except NoRouter:
            if arguments["optional"]:
                return {"changed": False, "router": False, "cases": [], "mode": None, "pauses": [], "storm": None, "unfinished": {}, "paused_by": []}
            raise
        query = {_FILTERS[name]: value for name, value in given(arguments, *_FILTERS).items()}
        try:
            cases = router.post("/find", {**query, **given(arguments, *_OTHERS)})["cases"]
        except Refused as error:
            raise Refused(error.status, in_options(str(error))) from error
        result = {"changed": False, "router": True, "cases": cases, **status}
        if arguments["run_on"] is None:
            return result
        run = {"hosts": arguments["run_on"], "cases": arguments["run_of"] or []}
        return {**result, "paused_by": router.post("/held", run)["pauses"]}


def in_options(mistakes: str) -> str:
    """Name options as they are written in a task, where the router's mistakes, one a line, begin with its own names for them."""
    options = {theirs: ours for ours, theirs in _FILTERS.items()}
    return re.sub(rf"^({'|'.join(options)})(?=[\[:])", lambda found: options[found[1]], mistakes, flags=re.MULTILINE)
