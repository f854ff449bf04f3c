# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controls on a socket that other users can get at, for tests of who may ask and who is believed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import Router
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore, directory_of

from .serving import Served


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """Return a store in a directory that other users may enter, with a path that is short enough for a socket."""
    directory = Path(tempfile.mkdtemp(prefix="eventops-test-", dir="/tmp"))
    directory.chmod(0o755)
    store = SqliteStore(directory / "store.db")
    yield store
    store.close()
    shutil.rmtree(directory)


@pytest.fixture
def served(loop, controls, store) -> Iterator[Served]:
    """Serve the controls while the test runs."""
    served = Served(loop, controls, store.path)
    yield served
    served.end()


@pytest.fixture
def router(served, store) -> Router:
    """Return a client of it."""
    return Router(str(store.path))


@pytest.fixture
def place(served, store) -> Path:
    """Return the path of the socket."""
    return Path(json.loads((directory_of(store.path) / "socket.json").read_text())["socket"])
