# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry a person's or a playbook's decision out: the module eventops.infra.case, which runs on the controller."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.router_action import RouterAction, given

DECISIONS = {
    "approved": "approve",
    "rejected": "reject",
    "resolved": "resolve",
    "suppressed": "suppress",
    "retried": "retry",
    "annotated": "annotate",
}
# What goes with the states that are not about cases.
OTHERS = {"paused": ("match", "until", "for"), "resumed": ("match", "pause"), "released": ()}
_SELECTING = ("case", "dedup_key", "match")


class ActionModule(RouterAction):
    """Decide on cases, pause and resume, or release a storm."""

    ARGUMENTS = {
        "state": {"type": "str", "required": True, "choices": [*DECISIONS, *OTHERS]},
        "case": {"type": "int"},
        "dedup_key": {"type": "str"},
        "seen": {"type": "int"},
        "match": {"type": "dict"},
        "pause": {"type": "int"},
        "until": {"type": "str"},
        "for": {"type": "raw", "aliases": ["duration"]},
        "by": {"type": "str"},
        "why": {"type": "str", "aliases": ["note", "reason"]},
    }
    RULES = {"mutually_exclusive": [_SELECTING, ("until", "for"), ("match", "pause")], "required_if": [("state", "annotated", ("why",))]}

    def ask(self, router, arguments):
        state = arguments["state"]
        allowed = OTHERS.get(state, _SELECTING)
        if state == "approved":
            allowed = (*_SELECTING, "seen")
        stray = [name for name in (*_SELECTING, "pause", "until", "for", "seen") if arguments[name] is not None and name not in allowed]
        if stray:
            raise AnsibleActionFail(f"{', '.join(stray)} cannot go with state {state}, which takes {', '.join(allowed) or 'none of the options that select'}")
        body = {**given(arguments, *allowed, "by", "why"), "check": bool(self._task.check_mode)}
        if state in DECISIONS:
            return self._decide(router, state, body)
        answer = router.post({"paused": "/pause", "resumed": "/resume", "released": "/release"}[state], body)
        name = "storm" if state == "released" else "pauses"
        return self._result(answer["changed"], name, answer["before"], answer["after"])

    def _decide(self, router, state, body):
        if not body.keys() & set(_SELECTING):
            raise AnsibleActionFail(f"state {state} is about cases: name them by one of {', '.join(_SELECTING)}, such as case: 17")
        answer = router.post(f"/cases/{DECISIONS[state]}", body)
        before, after = ([change[when] for change in answer["cases"]] for when in ("before", "after"))
        result = self._result(answer["changed"], "cases", before, after)
        # A note is no part of a case that a difference could show.
        return {**result, "case": after[0]} if len(after) == 1 else result

    def _result(self, changed, name, before, after):
        result = {"changed": changed, name: after}
        return {**result, "diff": self.difference({name: before}, {name: after})} if self._task.diff else result
