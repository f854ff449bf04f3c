# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: action arguments go through a native Jinja environment, so the text "[1, 2]" of an event arrives as a list, and "True" as a boolean.

The values are harmless by themselves and pass the router as they are. The role makes text of them again (its argument_specs would let a list pass
for a text), and does nothing for a service that the inventory does not name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import Plan, Worlds, both, rule_for

REMEDIATE = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: '>"$TRACES/{{ label }}-is-{{ service | type_debug }}"'
    - ansible.builtin.import_role:
        name: eventops.infra.remediate
      vars:
        remediate_problem: ServiceDown
        remediate_service: "{{ service }}"
        remediate_wait: 30
    - ansible.builtin.raw: '>"$TRACES/{{ label }}-healed"'
"""
# Started, each service leaves a trace; then its check passes.
SERVICES = [
    {"name": name, "check": {"command": ["sh", "-c", f'test -e "$TRACES/started-{name}"']}, "start": {"command": ["sh", "-c", f'>"$TRACES/started-{name}"']}}
    for name in ("web", "8080", "1", "2")
]
PLAN = Plan(
    hosts={"web1": {"eventops_services": SERVICES}},
    rules=[rule_for("remediate", "remediate.yml", service="{{ event.payload.service }}")],
    playbooks={"remediate.yml": REMEDIATE},
    policy={"attempts": {"max": 1}},
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("types"), collections) as worlds:
        yield worlds


def remediate(label: str, service: str) -> dict:
    return {"do": "remediate", "label": label, "service": service, "hosts": ["web1"]}


@pytest.mark.parametrize(("service", "kind"), [("[1, 2]", "list"), ("True", "bool")])
def test_a_role_does_nothing_for_what_only_looked_like_text(worlds: Worlds, service: str, kind: str) -> None:
    label = f"a-{kind}"
    worlds.post(remediate(label, service))
    worlds.wait_for(f"{label}-is-{kind}")
    case = worlds.ours.case_of(label, "exhausted")
    assert f'no entry named "{service}"' in case["reason"]
    assert worlds.ours.left("started-*") | worlds.ours.left(f"{label}-healed") == set()


def test_a_number_can_be_the_name_of_a_service(worlds: Worlds) -> None:
    worlds.post(remediate("a-number", "8080"))
    worlds.wait_for("a-number-is-int")
    worlds.ours.wait_for("a-number-healed")
    assert worlds.ours.left("started-*") == {"started-8080"}
