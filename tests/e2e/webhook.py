# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stock webhook of a rulebook, and what its senders do with it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.services import free_port
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until


class Webhook:
    """`source` is what a rulebook says of it."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self.port = free_port()
        self.source = {"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": self.port}}

    def wait(self) -> None:
        """Wait until it listens; fail when ansible-rulebook ends without."""
        wait_until(self.listens, "the webhook", 60, lambda: self._rulebook.output[-4000:])

    def listens(self) -> bool:
        """Tell whether it answers."""
        assert self._rulebook.is_running, self._rulebook.output[-4000:]
        try:
            return self._ask(None) == 405  # it takes no GET
        except OSError:
            return False

    def post(self, payload: object) -> int:
        """Post a payload and wait for the answer; return its status. Raises OSError where nobody answers."""
        return self._ask(json.dumps(payload).encode())

    def _ask(self, body: bytes | None) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/alerts", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
