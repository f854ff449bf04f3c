# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that onboards machines: roles that leave a trace where they run, and events as the router puts them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

PLAYBOOK = "eventops.infra.onboard_vm"

# What a role has done on a host: a line for each run, with a variable of its own in it.
ROLE = """
- name: Leave a trace
  ansible.builtin.lineinfile:
    path: "{{ traces }}/%(name)s-{{ inventory_hostname }}"
    line: "{{ %(name)s_port | default('no port') }}"
    create: true
    mode: "0600"
"""


class Onboarding:
    """Runs the playbook over machines.

    Args:
        site: the site.
        traces: a directory that the roles write to.
    """

    def __init__(self, site: Site, traces: Path) -> None:
        self.site = site
        self.traces = traces
        traces.mkdir()
        site.env["ANSIBLE_ROLES_PATH"] = str(site.directory / "roles")
        for name in ("common", "nginx", "postgresql"):
            site.write(f"roles/{name}/tasks/main.yml", ROLE % {"name": name})
        self.settings: dict[str, object] = {"onboard_vm_allowed_roles": ["nginx", "postgresql"], "onboard_vm_ssh_timeout": 60, "onboard_vm_gather_facts": False}

    def hosts(self, hosts: Mapping[str, Mapping]) -> None:
        """Write the inventory."""
        self.site.inventory({name: {"traces": str(self.traces), **self.settings, **variables} for name, variables in hosts.items()})

    def machine(self, machine: Sshd, **variables: object) -> dict[str, object]:
        """Return the variables of a host whose key is in a known_hosts file of the site."""
        path = self.site.write(f"known_hosts-{machine.address}", machine.known_hosts_line, 0o600)
        return {**machine.variables, "onboard_vm_known_hosts_file": str(path), **variables}

    def run(self, *options: str, event: Mapping | None = None, limit: str = "vm-01", variables: Mapping | None = None, **env: str) -> Run:
        """Run the playbook, for an event or by hand."""
        of_event = {} if event is None else {"ansible_eda": {"ruleset": "Virtual machines", "rule": "ready", "event": event}}
        return self.site.play(PLAYBOOK, *options, limit=limit, variables={**of_event, **(variables or {})}, **env)

    @property
    def done(self) -> dict[str, list[str]]:
        """What was done: the lines of each trace."""
        return {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted(self.traces.iterdir())}


def machine(name: str = "vm-01", roles: object = ("nginx",), number: int = 7, **fields: object) -> dict:
    """Return a machine as NetBox's API has it."""
    context = {"ansible_roles": list(roles) if isinstance(roles, tuple) else roles, **fields.pop("context", {})}
    return {
        "id": number,
        "name": name,
        "display": name,
        "status": {"value": "active", "label": "Active"},
        "custom_fields": {},
        "config_context": context,
        "last_updated": "2026-01-31T12:00:00Z",
        **fields,
    }


def event(*machines: Mapping, type_: str = "netbox.virtualmachine.ready", cases: Sequence[int] = (), **data: object) -> dict:
    """Return the dispatch of a router for machines, the first of them the most urgent."""
    names = [each["name"] for each in machines]
    entries = [
        {"case": case, "id": f"e{case}", "subject": each["name"], "severity": "info", "hosts": [each["name"]], "data": {"object": each, **data}}
        for case, each in zip(cases or range(1, len(machines) + 1), machines)
    ]
    return {
        "specversion": "1.0",
        "id": "e1",
        "source": "netbox:https://netbox.example.com",
        "type": type_,
        "subject": names[0],
        "time": "2026-01-31T12:00:00Z",
        "severity": "info",
        "hosts": names[:1],
        "data": entries[0]["data"],
        "case": {"id": entries[0]["case"], "kind": "change", "attempt": 1, "max_attempts": 3},
        "events": json.loads(json.dumps(entries)),
        "meta": {"hosts": names, "uuid": "00000000-0000-4000-8000-000000000001", "source": {"name": "router", "child": "netbox"}},
    }
