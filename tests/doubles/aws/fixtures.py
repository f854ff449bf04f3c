# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of pytest for tests against the double: a conftest imports them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import RunningAws, running_aws


@pytest.fixture(scope="session")
def started_aws() -> Iterator[RunningAws]:
    """Start the double once: that takes seconds."""
    with running_aws() as aws:
        yield aws


@pytest.fixture
def aws(started_aws: RunningAws) -> RunningAws:
    """Return a double with nothing in any account."""
    started_aws.reset()
    return started_aws
