# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A NetBox for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox

from . import instances
from .followed import SECRET, WATCHED, Documented, Followed, free_port, webhook
from .lab import Api


@pytest.fixture(name="netbox")
def _netbox() -> Iterator[Any]:
    with running_netbox(version="4.6.8") as netbox:
        yield netbox


@pytest.fixture(name="documented")
def _documented(netbox: Any) -> Documented:
    return Documented(netbox)


@pytest.fixture(params=["both", "change log", "webhook"])
def ways(request: pytest.FixtureRequest, netbox: Any) -> dict[str, Any]:
    """Return the arguments of a source that hears of changes by both ways, or by one."""
    args: dict[str, Any] = {}
    if request.param != "change log":
        port = free_port()
        args["webhook"] = webhook(port)
        netbox.add_webhook(f"http://127.0.0.1:{port}/netbox", WATCHED, secret=SECRET)
    if request.param == "webhook":
        args["catch_up"] = False
    return args


@pytest.fixture(name="followed")
def _followed(tmp_path: Path, netbox: Any) -> Any:
    return lambda **args: Followed(tmp_path, netbox, **args)


@pytest.fixture(params=[*(f"double {version}" for version in ("4.0.3", "4.2.1", "4.6.8", "4.7.0")), *(["real"] if instances.URL else [])])
def instance(request: pytest.FixtureRequest) -> Iterator[instances.Instance]:
    """Return a NetBox to ask the contract of; a real one is asked where the environment names it."""
    if request.param == "real":
        asked = instances.Instance(Api(instances.URL, instances.TOKEN), None)
        try:
            yield asked
        finally:
            asked.remove_all()
        return
    with running_netbox(version=request.param.split()[1]) as netbox:
        asked = instances.Instance(Api(netbox.url, netbox.token), netbox)
        yield asked
        asked.remove_all()
