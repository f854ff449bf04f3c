# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the tests against the double of AWS share: one double, with nothing in it at the start of each test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access import patience
from ansible_collections.eventops.infra.tests.doubles.aws import FaultyProxy, RunningAws, faulty, fixtures

from .polled import Polled
from .queue_taken import Taken

started_aws, aws = fixtures.started_aws, fixtures.aws


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Return a function that waits until something is so."""

    def wait(condition: Callable[[], object], seconds: float = 20) -> None:
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, f"that is not so after {seconds} s"
            time.sleep(0.05)

    return wait


@pytest.fixture
def polled(tmp_path: Path, aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Polled]:
    """Return a function that polls alarms of the double, often; its arguments are entries of `alarms`."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    def make(*entries: Mapping[str, Any], url: str = aws.url, **more: Any) -> Polled:
        alarms = [] if more.get("logs") and not entries else [{"interval": 1, "overlap": 10, **entry} for entry in entries or ({},)]
        return Polled(tmp_path, url, alarms=alarms, **more)

    return make


@pytest.fixture
def proxy(aws: RunningAws) -> Iterator[FaultyProxy]:
    """Return a proxy in front of the double, which fails as it is told."""
    with faulty(aws.url) as proxy:
        yield proxy


@pytest.fixture
def through_proxy(proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every client of AWS that says nothing else go through the proxy."""
    for name, value in proxy.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def taken(tmp_path: Path, aws: RunningAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Taken]]:
    """Return a function that makes a queue with its intake, not started, which waits for no minute."""
    monkeypatch.setattr(patience, "LONGEST_PAUSE_SECONDS", 2.0)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    made: list[Taken] = []

    def make(*args: str, **settings: Any) -> Taken:
        made.append(Taken(tmp_path, aws, *args, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()
