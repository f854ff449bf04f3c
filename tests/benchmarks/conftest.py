# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Benchmarks run on what end-to-end tests run on: the built collection and the real ansible-rulebook. In the end all results become a picture."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.e2e.conftest import collections, directory, env

from . import results

__all__ = ["collections", "directory", "env"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Draw the chart once everything that was asked for has been measured."""
    if results.published:
        from .chart import draw  # what it is drawn with is installed by `make bench` alone

        draw()
