# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites and services for the tests of roles, playbooks and rulebooks. Every path has a space in it, because a user's may."""

from __future__ import annotations

import itertools
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.aws import fixtures
from ansible_collections.eventops.infra.tests.e2e import processes, sshd
from ansible_collections.eventops.infra.tests.e2e.services import Service
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import Onboarding
from ansible_collections.eventops.infra.tests.integration.roles.site import Site

started_aws, aws = fixtures.started_aws, fixtures.aws

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
def env(directory: Path) -> Iterator[dict[str, str]]:
    """Return the environment of the test's processes; end whatever is left of them afterwards."""
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    yield environment(collections=COLLECTIONS, state=directory / "ansible") | own
    processes.end_all(word)
    sshd.end_all()


@pytest.fixture
def site(directory: Path, env: dict[str, str]) -> Site:
    """Return a site without an inventory yet."""
    return Site(directory / "site", env)


@pytest.fixture
def service(directory: Path, env: dict[str, str]) -> Callable[[str], Service]:
    """Return a function that makes a service by its name, not started, each on an address of its own."""
    numbers = itertools.count(2)

    def make(name: str) -> Service:
        return Service(directory / "services" / name, f"127.0.0.{next(numbers)}", env)

    return make


@pytest.fixture
def onboarding(site: Site, directory: Path) -> Onboarding:
    """Return a site that onboards machines, without an inventory yet."""
    return Onboarding(site, directory / "traces")


@pytest.fixture
def vm(directory: Path, env: dict[str, str]) -> Sshd:
    """Return a machine that is reached by SSH, not started."""
    return Sshd(directory / "vm-01", env)
