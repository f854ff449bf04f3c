# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real control socket over a real store, and a site whose playbooks ask it."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.router.control.serving import Served, controls_over, make_bell

COLLECTIONS = Path(processes.__file__).absolute().parents[5]

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with a space in its path."""
    path = tmp_path / "a directory"
    path.mkdir()
    return path


@pytest.fixture
def store(directory: Path) -> Iterator[SqliteStore]:
    """Return the router's store."""
    store = SqliteStore(directory / "store.db")
    yield store
    store.close()


@pytest.fixture
def router(store: SqliteStore) -> Iterator[Served]:
    """Answer on the control socket while the test runs."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        served = Served(loop, controls_over(store, loop.run_until_complete(make_bell())), store.path)
        yield served
        served.end()


@pytest.fixture
def env(directory: Path) -> Iterator[dict[str, str]]:
    """Return the environment of ansible-playbook, as a router's rules give it."""
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    yield environment(collections=COLLECTIONS, state=directory / "ansible") | own
    processes.end_all(word)


class Asking(Site):
    """A site that runs tasks and shows what each returned."""

    def ask(self, *tasks: Mapping, options: Sequence[str] = (), **env: str) -> tuple[Run, list[dict]]:
        """Run tasks on a host that nothing could connect to, and return their results; a task that fails does not end the play."""
        listed = []
        for number, task in enumerate(tasks):
            result = self.directory / f"result-{number}.json"
            keep = {"content": f"{{{{ result_{number} | to_json }}}}", "dest": str(result)}
            kept = {"ansible.builtin.copy": keep, "delegate_to": "localhost", "check_mode": False, "diff": False}
            listed += [{"register": f"result_{number}", "ignore_errors": True, **task}, kept]
        playbook = [{"hosts": "unreachable-01", "gather_facts": False, "tasks": listed}]
        run = self.play(self.write("asking.yml", json.dumps(playbook)), *options, **env)
        return run, [json.loads((self.directory / f"result-{number}.json").read_text()) for number in range(len(tasks))]


@pytest.fixture
def site(directory: Path, env: dict[str, str]) -> Asking:
    """Return a site whose only host beside localhost cannot be reached: the modules run on the controller."""
    site = Asking(directory / "site", env)
    site.inventory({"localhost": {}, "unreachable-01": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1"}})
    return site
