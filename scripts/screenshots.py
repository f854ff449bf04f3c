# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take the pictures of the console for the documentation: screenshots.py. It needs Chromium and its chromedriver."""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import collection  # noqa: E402

sys.path.insert(0, str(collection.link_checkout()))

from ansible_collections.eventops.infra.tests.integration.console import scene  # noqa: E402
from ansible_collections.eventops.infra.tests.integration.console.browser import CHROMEDRIVER, CHROMIUM, chromium, look_like  # noqa: E402
from ansible_collections.eventops.infra.tests.integration.console.served import served  # noqa: E402
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN  # noqa: E402

IMAGES = ROOT / "docs" / "images"


def main() -> int:
    """Write the pictures into docs/images."""
    if not (CHROMIUM and CHROMEDRIVER):
        print("chromium and chromedriver are not installed (Debian: chromium, chromium-driver)", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with served(directory) as site, chromium(directory / "profile") as driver:
            driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
            ids = scene.write(site, scene.an_afternoon)
            driver.get(f"{site.url}/signin")
            driver.find_element("name", "token").send_keys(ANN.secret)
            driver.find_element("css selector", ".signin .button").click()
            look_like(driver, width=1280, height=1000)
            take(driver, f"{site.url}/", "console.png")
            look_like(driver, width=390, height=1180, scale=1.5, scheme="dark")
            take(driver, f"{site.url}/cases/{ids['defeat']}", "console-case-phone.png")
    return 0


def take(driver, url: str, name: str) -> None:
    """Take a picture of a page once it is live."""
    from selenium.webdriver.support.wait import WebDriverWait

    driver.get(url)
    WebDriverWait(driver, 30).until(lambda driver: driver.find_element("id", "connection").text == "Live")
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    (IMAGES / name).write_bytes(base64.b64decode(picture["data"]))
    print(f"wrote docs/images/{name}, {(IMAGES / name).stat().st_size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
