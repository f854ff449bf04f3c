# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An account of the double of AWS, and the real ansible-playbook that sets it up. Every path has a space in it."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.aws import RunningAws, running_aws
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.integration.aws_setup.operator import Operator

COLLECTIONS = Path(processes.__file__).absolute().parents[5]

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[RunningAws]:
    """Run a double of AWS."""
    with running_aws() as running:
        yield running


@pytest.fixture
def aws(server: RunningAws) -> RunningAws:
    """Return an AWS with nothing in any account."""
    server.reset()
    return server


@pytest.fixture
def operator(tmp_path: Path, aws: RunningAws) -> Iterator[Operator]:
    """Return who sets AWS up."""
    directory = tmp_path / "a directory"
    directory.mkdir()
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    yield Operator(directory / "site", environment(collections=COLLECTIONS, state=directory / "ansible") | aws.environment | own, aws)
    processes.end_all(word)
