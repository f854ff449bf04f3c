# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site for the tests of the playbook scale, and a double of AWS. Every path has a space in it, because a user's may."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.scripts import azure_environment
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.aws import fixtures
from ansible_collections.eventops.infra.tests.doubles.azure import Running, running_azure
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.integration.roles.site import Site

started_aws, aws = fixtures.started_aws, fixtures.aws

COLLECTIONS = Path(processes.__file__).absolute().parents[5]

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return a site without an inventory yet; end whatever is left of its processes afterwards."""
    directory = tmp_path / "a directory"
    directory.mkdir()
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    yield Site(directory / "site", environment(collections=COLLECTIONS, state=directory / "ansible") | own)
    processes.end_all(word)


@pytest.fixture(scope="session")
def azure_python() -> Path:
    """Return a Python with what azure.azcollection imports; made once, in a directory of the checkout."""
    try:
        return azure_environment.ready()
    except azure_environment.NotAvailable as error:
        pytest.skip(f"needs the packages of requirements-azure.txt: {error}")


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Running]:
    """Run an Azure."""
    with running_azure(tmp_path) as azure:
        yield azure
