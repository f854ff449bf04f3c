# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of Azure, and Resource Manager as the modules reach it: with Microsoft's own client of tokens and requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManager
from ansible_collections.eventops.infra.tests.doubles.azure import Running, running_azure

from .clients import resource_manager_of


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """Run an Azure."""
    with running_azure(tmp_path) as azure:
        for name, value in azure.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield azure


@pytest.fixture
def manager(azure: Running) -> ResourceManager:
    """Return its Resource Manager."""
    return resource_manager_of(azure)
