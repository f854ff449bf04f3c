# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The handshake of CloudEvents: OPTIONS asks whether an origin may send (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answer import Answer

_RATE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_ANY_RATE = "*"


@dataclass(frozen=True)
class CloudEventsOptions:
    """Lets the origins send that are expected. `rate` is how many requests a minute the endpoint takes, None where that is not bounded.

    `WebHook-Request-Callback` is never called: who asks here gets the answer at once.
    """

    origins: Sequence[str] = ()
    rate: int | None = None

    async def answer(self, method: str, headers: Mapping[str, str], payload: Any) -> Answer | None:
        """Answer whether an origin may send; None where none asks."""
        origin = headers.get("webhook-request-origin")
        if method != "OPTIONS" or origin is None:
            return None
        if origin.lower() not in [expected.lower() for expected in self.origins]:
            return Answer(403, "this origin is not among those that this endpoint expects; add it to cloudevents_origins")
        wanted = headers.get("webhook-request-rate")
        rate = {} if wanted is None else {"WebHook-Allowed-Rate": self._rate(wanted)}
        return Answer(200, headers={"Allow": "POST", "WebHook-Allowed-Origin": origin, **rate})

    def _rate(self, wanted: str) -> str:
        """Return the lower of what is wanted and what is taken; what is wanted may be any rate."""
        rates = [*([int(wanted)] if _RATE.fullmatch(wanted) else []), *([self.rate] if self.rate else [])]
        return str(min(rates)) if rates else _ANY_RATE
