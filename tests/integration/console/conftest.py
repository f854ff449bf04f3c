# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A console with an afternoon's cases, and one Chromium for all tests, which each begin as if it were new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.tests.integration.console import scene
from ansible_collections.eventops.infra.tests.integration.console.browser import CHROMEDRIVER, CHROMIUM, chromium, look_like
from ansible_collections.eventops.infra.tests.integration.console.reader import Reader
from ansible_collections.eventops.infra.tests.integration.console.served import Served, served


@pytest.fixture(scope="session")
def driver(tmp_path_factory) -> Iterator:
    """Start the browser."""
    pytest.importorskip("selenium", reason="selenium is not installed (requirements-dev.txt)")
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.skip("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)")
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def console(tmp_path) -> Iterator[Served]:
    """Serve a console."""
    with served(tmp_path) as site:
        yield site


@pytest.fixture
def cases(console) -> dict[str, int]:
    """Fill it with an afternoon's cases; return the ids of some."""
    return scene.write(console, scene.an_afternoon)


@pytest.fixture
def reader(driver, console) -> Iterator[Reader]:
    """Return somebody who looks at the console in the browser; whatever the browser complained of fails the test."""
    driver.get_log("browser")
    look_like(driver)
    yield Reader(driver, console)
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    complaints = [line["message"] for line in driver.get_log("browser") if line["level"] in ("WARNING", "SEVERE")]
    driver.delete_all_cookies()
    driver.get("about:blank")
    assert complaints == []
