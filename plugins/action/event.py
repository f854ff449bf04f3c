# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hand an event to a router: the module eventops.infra.event, which runs on the controller."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.router_action import RouterAction, given


class ActionModule(RouterAction):
    """Hand in one event, and return when it is on disk."""

    ARGUMENTS = {
        "type": {"type": "str", "required": True},
        "hosts": {"type": "list", "elements": "str"},
        "severity": {"type": "str", "choices": ["critical", "error", "warning", "info"]},
        "subject": {"type": "str"},
        "dedup_key": {"type": "str"},
        "id": {"type": "str"},
        "source": {"type": "str"},
        "time": {"type": "str"},
        "data": {"type": "dict"},
        "not_before": {"type": "str"},
    }

    def ask(self, router, arguments):
        event = given(arguments, *self.ARGUMENTS)
        when = {"not_before": event.pop("not_before")} if "not_before" in event else {}
        answer = router.post("/events", {"event": event, **when, "check": bool(self._task.check_mode)})
        result = {"changed": answer["changed"], "event": answer["event"]}
        if not self._task.diff:
            return result
        after = {"event": answer["event"]}
        return {**result, "diff": self.difference({} if answer["changed"] else after, after)}
