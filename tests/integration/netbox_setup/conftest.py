# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A NetBox double, a receiver of its webhooks, and the real ansible-playbook that sets it up. Every path has a space in it."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.scripts.environment import environment
from ansible_collections.eventops.infra.tests.doubles.netbox import Running, running_netbox
from ansible_collections.eventops.infra.tests.e2e import processes
from ansible_collections.eventops.infra.tests.integration.netbox_setup.operator import Operator
from ansible_collections.eventops.infra.tests.integration.netbox_setup.receiving import Receiver, receiver_of_webhooks

COLLECTIONS = Path(processes.__file__).absolute().parents[5]

if not sys.platform.startswith("linux"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def version() -> str:
    """Return the version of NetBox; tests of another one override it."""
    return "4.6.8"


@pytest.fixture
def netbox(version: str) -> Iterator[Running]:
    """Run a NetBox."""
    with running_netbox(version=version) as netbox:
        yield netbox


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listen for webhooks."""
    with receiver_of_webhooks() as listening:
        yield listening


@pytest.fixture
def operator(tmp_path: Path, netbox: Running, receiver: Receiver) -> Iterator[Operator]:
    """Return who sets NetBox up."""
    directory = tmp_path / "a directory"
    directory.mkdir()
    word = str(uuid.uuid4())
    own = {"HOME": str(directory), "EVENTOPS_STORE": str(directory / "store.db"), processes.VARIABLE: word}
    yield Operator(directory / "site", environment(collections=COLLECTIONS, state=directory / "ansible") | own, netbox, receiver)
    processes.end_all(word)
