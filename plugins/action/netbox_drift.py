# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compare a host's facts with NetBox, and correct NetBox: the module eventops.infra.netbox_drift, which runs on the controller."""

from __future__ import annotations

import json

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.api import NetBoxError
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.comparison import compare
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.correction import Correction, carry_out, plan
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.documented import NotNetBox
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.measured import IGNORED_DISKS, IGNORED_INTERFACES, measured
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.netbox_action import NetBoxAction
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.report import lines
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import CORRECTABLE, DIFFERS, FIELDS, Documented, Settings


class ActionModule(NetBoxAction):
    """Compare one host, the one of the task, with what netbox_host_info read of it."""

    ARGUMENTS = {
        "documented": {"type": "dict", "default": {}},
        "fields": {"type": "list", "elements": "str", "choices": list(FIELDS), "default": list(FIELDS)},
        "correct": {"type": "list", "elements": "str", "choices": list(CORRECTABLE), "default": []},
        "memory_tolerance": {"type": "float", "default": 10},
        "disk_tolerance": {"type": "float", "default": 10},
        "disk_base": {"type": "int", "choices": [1000, 1024], "default": 1000},
        "platforms": {"type": "dict", "default": {}},
        "ignore_interfaces": {"type": "list", "elements": "str", "default": list(IGNORED_INTERFACES)},
        "ignore_disks": {"type": "list", "elements": "str", "default": list(IGNORED_DISKS)},
    }

    def ask(self, netbox, arguments, task_vars):
        host = task_vars["inventory_hostname"]
        result = {"host": host, "changed": False, "documented": bool(arguments["documented"]), "fields": [], "corrected": {}, "left": {}}
        if not arguments["documented"]:
            return {**result, "object": None, "drift": True, "remaining": [], "summary": lines(result, self._task.check_mode)}
        documented = _documented(arguments["documented"])
        facts = measured(task_vars.get("ansible_facts") or {}, arguments["ignore_interfaces"], arguments["ignore_disks"])
        findings = compare(documented, facts, _settings(arguments))
        correction = plan(netbox, documented, findings, arguments["correct"])
        differing = [finding.field for finding in findings if finding.state == DIFFERS]
        result |= {
            "object": {"object_type": documented.kind, "id": documented.id, "name": documented.name, "url": documented.url},
            "fields": [finding.as_dict() for finding in findings],
            "drift": bool(differing),
            "left": dict(correction.left),
        }
        if correction.values:
            result |= self._correct(netbox, documented, correction, host)
        result["remaining"] = [field for field in differing if field not in result["corrected"]]
        return {**result, "summary": lines(result, self._task.check_mode)}

    def _correct(self, netbox, documented: Documented, correction: Correction, host: str) -> dict:
        done = {"changed": True, "corrected": dict(correction.after), "diff": {"before": _lines(correction.before), "after": _lines(correction.after)}}
        if not self._task.check_mode:
            try:
                carry_out(netbox, documented, correction, host)
            except NetBoxError as error:
                # A change without a note is a change all the same: it is told, and told as a failure.
                done |= {"failed": True, "msg": f"NetBox's documentation of {host} was not corrected as it should: {error}"}
        return done


def _documented(given: dict) -> Documented:
    try:
        return Documented.from_dict(given)
    except (KeyError, TypeError) as error:
        raise NotNetBox(f"documented must be what eventops.infra.netbox_host_info returned for the host, but {error}") from error


def _settings(arguments: dict) -> Settings:
    platforms = {str(name): str(platform) for name, platform in arguments["platforms"].items()}
    return Settings(tuple(arguments["fields"]), arguments["memory_tolerance"], arguments["disk_tolerance"], arguments["disk_base"], platforms)


def _lines(values: object) -> str:
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
