# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A role, asked many things in one run: what it says to each, where it refuses it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.tests.integration.roles.site import Site


def refusals(site: Site, role: str, cases: Mapping[str, Mapping], *options: str, **env: str) -> tuple[dict[str, str], str]:
    """Return what a role says to those of some cases that it refuses, and all of the output.

    Args:
        role: its name in the collection.
        cases: variables of the role, by a name of the case.
        options: of ansible-playbook.
        env: further environment variables.
    """
    said = site.directory / "said.json"
    tasks = [task for number, variables in enumerate(cases.values()) for task in _asked(role, number, variables)]
    keep = {"ansible.builtin.copy": {"content": "{{ said | default({}) | to_json }}", "dest": str(said), "mode": "0600"}}
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [*tasks, keep]}]
    done = site.play(site.write("asked.yml", json.dumps(play)), *options, **env)
    assert done.rc == 0, done.output
    by_number = json.loads(said.read_text())
    return {name: by_number[str(number)] for number, name in enumerate(cases) if str(number) in by_number}, done.output


def _asked(role: str, number: int, variables: Mapping) -> list[dict]:
    # What a run before it has found must not be taken for its own.
    told = "{{ said | default({}) | combine({'" + str(number) + "': ansible_failed_result.msg | default('', true) | string}) }}"
    include = {"ansible.builtin.include_role": {"name": f"eventops.infra.{role}"}, "vars": dict(variables)}
    return [{"block": [include], "rescue": [{"ansible.builtin.set_fact": {"said": told}}]}]
