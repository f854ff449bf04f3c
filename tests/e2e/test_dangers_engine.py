# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: an empty key stops the engine for good, and an emoji or a number that is not finite loses the event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, Worlds, both, rule_for

# Without the filter that reads the hosts: it would keep the empty key from stock's engine, by an error.
PLAN = Plan(hosts={"web1": {}}, filters=(), rules=[rule_for("touch", "touch.yml")], playbooks={"touch.yml": TOUCH})
NO_ANSWER_SECONDS = 5

# As JSON, since no JSON library writes some of it.
LOST = {
    "emoji": '"text": "disk full \N{FIRE}"',
    "emoji-key": '"labels": {"\N{FIRE}": 1}',
    "surrogate": r'"text": "half an emoji \ud83d"',
    "nan": '"value": NaN',
    "infinity": '"value": -Infinity',
    "overflow": '"value": 1e999',
}


def event(label: str, content: str = '"value": 1') -> str:
    return f'{{"do": "touch", "label": "{label}", "hosts": ["web1"], {content}}}'


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory, collections: Path) -> Iterator[Worlds]:
    with both(PLAN, tmp_path_factory.mktemp("engine"), collections) as worlds:
        yield worlds


@pytest.fixture(scope="module")
def sent(worlds: Worlds) -> Worlds:
    """Send what stock loses to both, and then an event that it handles."""
    for label, content in LOST.items():
        worlds.post(event(label, content))
    worlds.post(event("harmless"))
    worlds.wait_for("harmless@web1")
    return worlds


@pytest.mark.parametrize("label", LOST)
def test_no_character_and_no_number_loses_an_event(sent: Worlds, label: str) -> None:
    trace = f"{label}@web1"
    assert trace not in sent.stock.left()
    sent.ours.wait_for(trace)
    assert sent.ours.case_of(label, "resolved")["attempt"] == 1


def test_an_empty_key_does_not_stop_the_engine(sent: Worlds) -> None:
    sent.post(event("empty-key", '"labels": {"": 1}'))
    answers = [sent.stock.post(event(f"next-{number}"), NO_ANSWER_SECONDS).status for number in (1, 2)]
    assert answers[-1] is None  # nobody takes events from the queue of one any more
    assert sent.stock.rulebook.is_running

    sent.ours.post(event("next-1"))
    sent.ours.wait_for("next-1@web1")
    assert "empty-key@web1" in sent.ours.left()
    assert sent.stock.left("next-*") == set()
