# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The built and installed collection, the real ansible-rulebook, and real services, for tests from end to end.

Every path has a space in it, because a user's may.
"""

from __future__ import annotations

import itertools
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.scripts.collection import build, install
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.aws import fixtures
from ansible_collections.eventops.infra.tests.e2e import processes, sshd
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import Service

started_aws, aws = fixtures.started_aws, fixtures.aws

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the collection, install the archive, and return what ANSIBLE_COLLECTIONS_PATH gets."""
    directory = tmp_path_factory.mktemp("installed collection")
    installed = directory / "collections"
    env = environment(collections=installed, state=directory / "ansible")
    install(build(directory / "built", env), installed, env)
    return installed


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with a space in its path."""
    path = tmp_path / "a directory"
    path.mkdir()
    return path


@pytest.fixture
def env(collections: Path, directory: Path) -> Iterator[dict[str, str]]:
    """Return the environment of the test's processes; end whatever is left of them afterwards.

    HOME is empty, so that nothing comes from the user's and the default store is the test's own; what a killed
    ansible-rulebook leaves among the temporary files goes away with the test's directory.
    """
    word = str(uuid.uuid4())
    home, temporary = directory / "home", directory / "tmp"
    home.mkdir()
    temporary.mkdir()
    own = {"HOME": str(home), "TMPDIR": str(temporary), processes.VARIABLE: word}
    yield environment(collections=collections, state=directory / "ansible") | own
    processes.end_all(word)
    sshd.end_all()


@pytest.fixture
def rulebook(directory: Path, env: dict[str, str]) -> Iterator[Rulebook]:
    """Return ansible-rulebook, not started, over a directory of its own."""
    rulebook = Rulebook(directory / "rulebook", env)
    yield rulebook
    rulebook.close()


@pytest.fixture
def service(directory: Path, env: dict[str, str]) -> Callable[[str], Service]:
    """Return a function that makes a service by its name, started, each on an address of its own."""
    numbers = itertools.count(2)

    def make(name: str) -> Service:
        made = Service(directory / "services" / name, f"127.0.0.{next(numbers)}", env)
        made.start()
        return made

    return make
