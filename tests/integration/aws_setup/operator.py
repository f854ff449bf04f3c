# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody who sets AWS up, with the playbooks or with tasks of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

# Variables of the playbook aws_events, without their prefix: something of each kind. Each thing takes a second or more, so there are few.
MUCH = {
    "topic": True,
    "kms_key": "alias/eventops",
    "tags": {"team": "operations"},
    "rules": ["ec2_state"],
    "patterns": [{"name": "orders", "pattern": {"source": ["my.shop"], "detail": {"amount": [{"numeric": [">", 100]}]}}, "enabled": False}],
    "alarms": [{"what": "group_cpu_high", "of": "web"}, {"what": "dead_letters"}],
}
EVERYTHING = {
    **MUCH,
    "rules": ["ec2_state", "auto_scaling", "health", "ecr_findings", "guardduty_findings"],
    "alarms": [
        *MUCH["alarms"],
        {"what": "group_cpu_low", "of": "web", "threshold": 12.5, "period": 60},
        {"what": "instance_status_failed", "of": "i-0123456789abcdef0", "name": "db-status"},
    ],
}


class Operator(Site):
    """A site whose AWS is the double.

    Args:
        directory: gets the inventory and the playbooks.
        env: the environment of ansible-playbook, by which AWS is reached.
        aws: what is set up.
    """

    def __init__(self, directory: Path, env: Mapping[str, str], aws: RunningAws) -> None:
        super().__init__(directory, env)
        self.aws = aws
        self.inventory({"localhost": {}})

    def set_up(self, *options: str, **variables: object) -> Run:
        """Run the playbook aws_events; variables without their prefix."""
        own = {f"aws_events_{name}": value for name, value in variables.items()}
        return self.play("eventops.infra.aws_events", *options, limit="localhost", variables=own)

    def do(self, *tasks: Mapping, options: Sequence[str] = ()) -> tuple[Run, list[dict]]:
        """Run tasks, each a module of the collection with its arguments, and return their results; one that fails does not end the play."""
        listed = []
        for number, task in enumerate(tasks):
            ((module, arguments),) = task.items()
            listed.append({f"eventops.infra.{module}": arguments, "register": f"result_{number}", "ignore_errors": True})
            keep = {"content": f"{{{{ result_{number} | to_json }}}}", "dest": str(self.directory / f"result-{number}.json")}
            listed.append({"ansible.builtin.copy": keep, "check_mode": False, "diff": False})
        playbook = self.write("tasks.yml", yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": listed}], sort_keys=False))
        run = self.play(playbook, *options)
        return run, [json.loads((self.directory / f"result-{number}.json").read_text(encoding="utf-8")) for number in range(len(tasks))]
