# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody who sets NetBox up, with the playbook or with tasks of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests
import yaml
from ansible_collections.eventops.infra.tests.doubles.netbox import Running
from ansible_collections.eventops.infra.tests.integration.netbox_setup.receiving import Receiver
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

PLAYBOOK = "eventops.infra.netbox_events"
SECRET = "a-secret-of-the-webhook"


class Operator(Site):
    """A site whose NetBox is the double.

    Args:
        directory: gets the inventory, the playbooks and the token.
        env: the environment of ansible-playbook.
        netbox: what is set up.
        receiver: where its webhooks go.
    """

    def __init__(self, directory: Path, env: Mapping[str, str], netbox: Running, receiver: Receiver) -> None:
        super().__init__(directory, env)
        self.netbox = netbox
        self.inventory({"localhost": {}})
        self.token_path = directory / "netbox token"
        self.variables = {
            "netbox_events_url": netbox.url,
            "netbox_events_api_token": netbox.token,
            "netbox_events_payload_url": receiver.url,
            "netbox_events_secret": SECRET,
            "netbox_events_token_path": str(self.token_path),
        }

    def set_up(self, *options: str, **variables: object) -> Run:
        """Run the playbook; variables without their prefix."""
        own = {f"netbox_events_{name}": value for name, value in variables.items()}
        return self.play(PLAYBOOK, *options, limit="localhost", variables=self.variables | own)

    def do(self, *tasks: Mapping, options: Sequence[str] = ()) -> tuple[Run, list[dict]]:
        """Run tasks, each a module of the collection with its arguments, and return their results; one that fails does not end the play."""
        connection = {"netbox_url": self.netbox.url, "netbox_token": self.netbox.token}
        listed = []
        for number, task in enumerate(tasks):
            ((module, arguments),) = task.items()
            listed.append({f"eventops.infra.{module}": connection | arguments, "register": f"result_{number}", "ignore_errors": True})
            keep = {"content": f"{{{{ result_{number} | to_json }}}}", "dest": str(self.directory / f"result-{number}.json")}
            listed.append({"ansible.builtin.copy": keep, "check_mode": False, "diff": False})
        playbook = self.write("tasks.yml", yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": listed}], sort_keys=False))
        run = self.play(playbook, *options)
        return run, [json.loads((self.directory / f"result-{number}.json").read_text(encoding="utf-8")) for number in range(len(tasks))]

    @property
    def token(self) -> str:
        """The token that was written."""
        return self.token_path.read_text(encoding="utf-8").strip()

    def ask(self, method: str, path: str, token: str, **body: object) -> int:
        """Ask NetBox's API with a token and return the status of the answer."""
        return requests.request(method, f"{self.netbox.url}/api/{path}/", headers=self.netbox.header(token), json=body or None, timeout=30).status_code
