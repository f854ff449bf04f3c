# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pages of the console share while it runs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store

from .guesses import Guesses
from .looks import Looks
from .sessions import Sessions
from .settings import Listen, Token
from .status import Surroundings

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.controls import Controls

    from .live import Live


class Metrics(Protocol):
    """What /metrics shows."""

    content_type: str

    async def exposition(self, store: Store) -> bytes:
        """Return it as text."""


class Keys:
    """The tokens, none of which is kept as it was written."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._names = tuple((_digest(token.secret), token.name) for token in tokens)

    def __bool__(self) -> bool:
        return bool(self._names)

    def owner(self, secret: str) -> str | None:
        """Return whose token this is, in the same time whatever it is."""
        given, found = _digest(secret), None
        for digest, name in self._names:
            if hmac.compare_digest(digest, given):
                found = name
        return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class Parts:
    """Everything that a request may need."""

    listen: Listen
    store: Store
    controls: Controls
    around: Surroundings
    metrics: Metrics
    live: Live
    keys: Keys
    sessions: Sessions = field(default_factory=Sessions)
    guesses: Guesses = field(default_factory=Guesses)
    looks: Looks = field(default_factory=Looks)
    one_list_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
