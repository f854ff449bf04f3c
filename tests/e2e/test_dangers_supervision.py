# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: an exception in one source, or in one of its filters, ends the whole process, and with it all other sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, World, rule, rule_for, surroundings

# The file of the first is not there yet; what the second reads has no host, which its filter takes for an error.
FAILING = {
    "source": {"name": "source", "eda.builtin.generic": {"payload_file": "HERE/source.json", "shutdown_after": 3600}},
    "filter": {
        "name": "filter",
        "eda.builtin.generic": {"payload_file": "HERE/filter.json", "shutdown_after": 3600},
        "filters": [{"eda.builtin.insert_hosts_to_meta": {"host_path": "host", "raise_error": True}}],
    },
}
PLAN = Plan(
    rules=[
        rule_for("touch", "touch.yml"),
        rule("file", "event.label is defined", "touch.yml", label="{{ event.label }}"),
    ],
    playbooks={"touch.yml": TOUCH},
    files={"filter.json": json.dumps([{"label": "no-host"}])},
)


@pytest.fixture
def worlds(tmp_path: Path, collections: Path) -> Iterator[dict[str, World]]:
    """Start stock with each of the failing sources, and ours with both."""
    with surroundings(tmp_path / "a directory", collections) as env:
        plans = {name: replace(PLAN, sources=[source]) for name, source in FAILING.items()} | {"ours": replace(PLAN, sources=list(FAILING.values()))}
        started = {name: World(plan, tmp_path / name, env, routed=name == "ours").start() for name, plan in plans.items()}
        yield started
        for world in started.values():
            world.rulebook.close()


def test_a_source_that_fails_takes_no_other_with_it_and_is_started_again(worlds: dict[str, World]) -> None:
    for name in FAILING:
        assert worlds[name].rulebook.wait_for_exit() != 0

    ours = worlds["ours"].until_listening()
    ours.post({"do": "touch", "label": "another-source"})
    ours.wait_for("another-source@localhost")
    for name in FAILING:
        (ours.directory / f"{name}.json").write_text(json.dumps([{"label": f"{name}-again", "host": "localhost"}]))
    for name in FAILING:
        ours.wait_for(f"{name}-again@localhost")
