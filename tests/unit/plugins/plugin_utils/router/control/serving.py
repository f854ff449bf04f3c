# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controls on their socket, answered by a thread of its own, as a router's loop would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS
from ansible_collections.eventops.infra.plugins.plugin_utils.router.bell import Bell
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.server import control_socket
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import CasePolicy, Policy
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store

MAX_EVENT_BYTES = 65_536


async def make_bell() -> Bell:
    """Make the bell of a loop."""
    return Bell()


def controls_over(store: Store, bell: Bell) -> Controls:
    """Return the controls of a site that approves every run, and that wants to be told when cases are resolved."""
    intake = Intake(store, redact_words=DEFAULT_WORDS, max_event_bytes=MAX_EVENT_BYTES, accepted=bell.ring)
    return Controls(store, bell, intake, Policy(CasePolicy(mode="approve", announce=frozenset({"resolved"}))))


class Served:
    """The control socket, from when this is made until `end`.

    :param loop: that the controls belong to; nobody else runs it.
    :param store: the path of the store.
    :param copied: folders where no socket may be.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, controls: Controls, store: Path, copied: Sequence[Path] = ()) -> None:
        self._loop = loop
        self._ending = asyncio.Event()
        self._answers = threading.Event()
        self._thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(controls, store, copied)))
        self._thread.start()
        assert self._answers.wait(30)

    def end(self) -> None:
        """Stop answering, as a router does at its end."""
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    async def _serve(self, controls: Controls, store: Path, copied: Sequence[Path]) -> None:
        async with control_socket(controls, store, copied=copied, max_event_bytes=MAX_EVENT_BYTES):
            self._answers.set()
            await self._ending.wait()
