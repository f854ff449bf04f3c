# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A console for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import Site, site

Scenario = Callable[[Site], Awaitable[None]]


@pytest.fixture
def visit(tmp_path) -> Callable[..., None]:
    """Return a function that serves a console while a scenario lasts; its other arguments are those of `site`."""

    def run(scenario: Scenario, **options) -> None:
        async def whole() -> None:
            async with site(tmp_path, **options) as made:
                await scenario(made)

        asyncio.run(whole())

    return run
