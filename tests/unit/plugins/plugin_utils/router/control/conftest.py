# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A store, and controls of a router over it that has nothing else to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
from ansible_collections.eventops.infra.plugins.plugin_utils.router.bell import Bell
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy, Policy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

MAX_EVENT_BYTES = 65_536


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

    async def make() -> Bell:
        return Bell()

    return loop.run_until_complete(make())


@pytest.fixture
def controls(store, bell) -> Controls:
    """Return controls with the policy of a site that wants to be told when cases are resolved."""
    intake = Intake(store, redact_words=DEFAULT_WORDS, max_event_bytes=MAX_EVENT_BYTES, accepted=bell.ring)
    return Controls(store, bell, intake, Policy(CasePolicy(mode="approve", announce=frozenset({"resolved"}))))
