# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store, and controls of a router over it that has nothing else to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.bell import Bell
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

from .serving import controls_over, make_bell


@pytest.fixture
def store(tmp_path) -> Iterator[SqliteStore]:
    """Return a store in a directory of its own."""
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Return the loop that the test runs its coroutines on."""
    with asyncio.Runner() as runner:
        yield runner.get_loop()


@pytest.fixture
def bell(loop) -> Bell:
    """Return the bell that wakes the router."""
    return loop.run_until_complete(make_bell())


@pytest.fixture
def controls(store, bell) -> Controls:
    """Return the controls of a router over the store."""
    return controls_over(store, bell)
