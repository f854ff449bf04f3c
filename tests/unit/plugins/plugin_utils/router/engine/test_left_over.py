# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.for_playbooks import GENERATION, STORE
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.left_over import left_over

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Return a function that starts a program of a given name and environment, and returns its process id."""
    started = []

    def start(name: str, **env: str) -> int:
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho\nread -r _line\n", encoding="utf-8")
        program.chmod(0o755)
        one = subprocess.Popen([program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(one)
        one.stdout.readline()
        return one.pid

    yield start
    for one in started:
        one.communicate(b"\n")


def test_playbooks_of_an_earlier_life_of_this_router_are_left_over(process: Callable[..., int], tmp_path: Path) -> None:
    store, other = str(tmp_path / "store.db"), str(tmp_path / "other.db")
    (tmp_path / "link").symlink_to(tmp_path)
    earlier = process("ansible-playbook", **{STORE: store, GENERATION: "earlier"})
    by_a_link = process("ansible-playbook", **{STORE: str(tmp_path / "link" / "store.db"), GENERATION: "earlier"})
    process("ansible-playbook", **{STORE: store, GENERATION: "now"})
    process("ansible-playbook", **{STORE: other, GENERATION: "another router's"})
    process("ansible-playbook", PATH=os.defpath)
    process("something-else", **{STORE: store, GENERATION: "earlier"})
    assert left_over(Path(store), "now") == {earlier, by_a_link}
