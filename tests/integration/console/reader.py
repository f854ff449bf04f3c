# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody at the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.eventops.infra.tests.integration.console.served import Served
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.console.site import ANN

# What ChromeDriver says of an element when the page is just being loaded anew, where it should call it stale.
_GONE = "does not belong to the document"


class Reader:
    """Opens pages, and waits for what they show.

    :param driver: Selenium's.
    :param console: what is being looked at.
    """

    def __init__(self, driver, console: Served) -> None:
        self.driver = driver
        self.console = console

    def open(self, path: str = "/") -> None:
        """Open a page and wait until it is live."""
        self.driver.get(self.console.url + path)
        self.wait_for(lambda: self.text("#connection") == "Live", "a live page")

    def sign_in(self) -> None:
        """Type the token."""
        self.driver.get(self.console.url + "/signin")
        self.press(*ANN.secret, "ENTER")
        self.wait_for(lambda: self.driver.find_elements("css selector", ".who"), "to be signed in")

    def press(self, *keys: str) -> None:
        """Press keys one after the other: letters, or names such as TAB."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        actions = ActionChains(self.driver)
        for key in keys:
            actions.send_keys(key if len(key) == 1 else getattr(Keys, key))
        actions.perform()

    def tab_to(self, selector: str, most: int = 60) -> None:
        """Press Tab until an element has the focus."""
        for _press in range(most):
            self.press("TAB")
            if self.script("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"{selector} was not reached with {most} tabs")

    def text(self, selector: str) -> str:
        """Return the text of the first such element; none when there is no such element."""
        return self.script("return document.querySelector(arguments[0])?.innerText?.trim() ?? ''", selector)

    def script(self, source: str, *arguments: Any) -> Any:
        """Run a script in the page, which its own policy does not apply to."""
        return self.driver.execute_script(source, *arguments)

    def wait_for(self, condition: Callable[[], Any], what: str, timeout_seconds: float = 30) -> Any:
        """Return what a condition returns as soon as that is true."""
        from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
        from selenium.webdriver.support.wait import WebDriverWait

        def met(_driver: object) -> Any:
            try:
                return condition()
            except StaleElementReferenceException:
                return False  # the page was loaded anew between finding the element and reading it
            except WebDriverException as error:
                if _GONE not in (error.msg or ""):
                    raise
                return False

        try:
            return WebDriverWait(self.driver, timeout_seconds, poll_frequency=0.05).until(met)
        except TimeoutException:
            shown = self.driver.find_element("css selector", "body").text
            raise AssertionError(f"{what}: not within {timeout_seconds} s; the page says:\n{shown[:3000]}") from None
