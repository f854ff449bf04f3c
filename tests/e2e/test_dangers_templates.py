# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: extra vars are trusted templates, so the text of an event runs as a command on the controller.

One event carries every attack, and one playbook reads it as any playbook does. Each attack that gets through leaves a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import Plan, Worlds, both, rule_for


def command(name: str) -> str:
    """Make the expression that runs a command: it leaves a file that tells which attack ran it."""
    return f"""lookup('pipe','>"$TRACES/ran-{name}"')"""


def marked(name: str) -> str:
    """Put it between markers."""
    return "{{ " + command(name) + " }}"


def printed(expression: str) -> dict:
    """Make the task that prints something."""
    return {"ansible.builtin.debug": {"msg": "{{ " + expression + " }}"}}


@dataclass(frozen=True)
class Attack:
    """What an event holds, and the innocent use of it by a rule and a playbook that runs it on stock."""

    name: str
    payload: Mapping
    task: Mapping
    extra_vars: Mapping[str, str] = field(default_factory=dict)

    @property
    def trace(self) -> str:
        return f"ran-{self.name}"


IN_THE_EVENT = "ansible_eda.event.payload"
ATTACKS = [
    Attack("extra-var", {"target": marked("extra-var")}, printed("target"), {"target": "{{ event.payload.target }}"}),
    Attack("inside-a-text", {"summary": f"disk {marked('inside-a-text')} is full"}, printed("summary"), {"summary": "{{ event.payload.summary }}"}),
    Attack("event-variable", {"text": marked("event-variable")}, printed(f"{IN_THE_EVENT}.text")),
    Attack("task-name", {"title": marked("task-name")}, {"name": "Heal {{ " + IN_THE_EVENT + ".title }}", "ansible.builtin.debug": {"msg": "healed"}}),
    Attack("nested", {"alerts": [{"labels": {"instance": marked("nested")}}]}, printed(f"{IN_THE_EVENT}.alerts | map(attribute='labels') | first")),
    Attack("statement", {"statement": "{% if " + command("statement") + " %}{% endif %}"}, printed(f"{IN_THE_EVENT}.statement")),
    Attack("template-file", {"motd": marked("template-file")}, printed("lookup('ansible.builtin.template', 'motd.j2')")),
    Attack("key", {"labels": {marked("key"): 1}}, printed("names"), {"names": "{{ event.payload.labels | list }}"}),
    # A playbook joins what is harmless by itself, takes the spaces out, or reads the text as the literal that it looks like.
    Attack("joined", {"one": "{", "two": "{ " + command("joined") + " }}"}, printed("joined"), {"joined": "{{ event.payload.one ~ event.payload.two }}"}),
    Attack("squeezed", {"spaced": "{ { " + command("squeezed") + " } }"}, printed("squeezed"), {"squeezed": "{{ event.payload.spaced | replace(' ', '') }}"}),
    Attack(
        "escaped",
        {"literal": r"'\x7b\x7b " + command("escaped").replace("'", r"\x27") + " }}'"},
        printed("literal"),
        {"literal": "{{ event.payload.literal }}"},
    ),
    # Needs no brace at all.
    Attack(
        "header",
        {"header": f"#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ {command('header')} ]]"},
        printed("header"),
        {"header": "{{ event.payload.header }}"},
    ),
]

MARK_THE_END = {"ansible.builtin.raw": '>"$TRACES/end-of-{{ label }}"'}


def playbook(*tasks: Mapping) -> str:
    """Write a playbook that goes through its tasks, whatever becomes of each, and tells that it came to its end."""
    return yaml.safe_dump([{"hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": [*tasks, MARK_THE_END]}])


PLAN = Plan(
    rules=[
        rule_for("attack", "read.yml", **{name: value for attack in ATTACKS for name, value in attack.extra_vars.items()}),
        rule_for("whole event", "whole.yml"),
        rule_for("note", "note.yml", note="{{ event.payload.note }}"),
    ],
    playbooks={
        "read.yml": playbook(*(attack.task for attack in ATTACKS)),
        "motd.j2": "{{ " + IN_THE_EVENT + ".motd }}",
        "whole.yml": playbook(printed("ansible_eda.event")),
        "note.yml": playbook(printed("note")),
    },
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("templates"), collections) as worlds:
        yield worlds


@pytest.fixture(scope="module")
def attacked(worlds: Worlds) -> Worlds:
    """Send the event with every attack to both, and wait until its playbook has read it all."""
    event = {"do": "attack", "label": "attack"}
    for attack in ATTACKS:
        event.update(attack.payload)
    worlds.post(event)
    worlds.wait_for("end-of-attack")
    return worlds


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_the_text_of_an_event_is_no_template(attacked: Worlds, attack: Attack) -> None:
    assert attack.trace in attacked.stock.left()
    assert attack.trace not in attacked.ours.left()


def test_the_store_keeps_what_was_sent(attacked: Worlds) -> None:
    [event] = attacked.ours.ledger.events(dedup_key="attack")
    assert event["body"]["payload"]["target"] == marked("extra-var")


def test_a_playbook_may_print_the_whole_event(attacked: Worlds) -> None:
    attacked.post({"do": "whole event", "label": "whole", "deep": {"list": [marked("whole")]}}, headers={"User-Agent": marked("user-agent")})
    attacked.wait_for("end-of-whole")
    assert attacked.stock.left() >= {"ran-whole", "ran-user-agent"}
    assert attacked.ours.left("ran-*") == set()


def test_the_head_of_a_vault_in_a_text_keeps_no_playbook_from_running(attacked: Worlds) -> None:
    attacked.post({"do": "note", "label": "vault", "note": "$ANSIBLE_VAULT;1.1;AES256\n61620a"})
    attacked.post({"do": "note", "label": "after-vault", "note": "x"})
    attacked.wait_for("end-of-after-vault")
    attacked.ours.wait_for("end-of-vault")
    assert "end-of-vault" not in attacked.stock.left()
