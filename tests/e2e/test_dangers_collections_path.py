# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Danger: with a relative ANSIBLE_COLLECTIONS_PATH ansible-rulebook finds its sources, and the playbooks find no module."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.eventops.infra.tests.e2e.dangers.worlds import TOUCH, Plan, World, Worlds, rule_for, surroundings

GUARDED = """
- hosts: all
  gather_facts: false
  roles:
    - role: eventops.infra.guard
  tasks:
    - ansible.builtin.raw: '>"$TRACES/{{ label }}@{{ inventory_hostname }}"'
"""
PLAN = Plan(
    hosts={"web1": {}},
    rules=[rule_for("guarded", "guarded.yml"), rule_for("touch", "touch.yml")],
    playbooks={"guarded.yml": GUARDED, "touch.yml": TOUCH},
)


def test_playbooks_find_the_collection_by_a_relative_path_too(tmp_path: Path, collections: Path) -> None:
    with surroundings(tmp_path / "a directory", collections) as env:
        worlds = Worlds(*(World(PLAN, tmp_path / name, env, routed=name == "ours") for name in ("stock", "ours")))
        for world in (worlds.stock, worlds.ours):
            world.start(ANSIBLE_COLLECTIONS_PATH=os.path.relpath(collections, world.rulebook.directory))
        for world in (worlds.stock, worlds.ours):
            world.until_listening()
        worlds.post({"do": "guarded", "label": "guarded", "hosts": ["web1"]})
        worlds.post({"do": "touch", "label": "next", "hosts": ["web1"]})
        worlds.wait_for("next@web1")
        assert worlds.stock.left() == {"next@web1"}
        assert worlds.ours.left() == {"guarded@web1", "next@web1"}
