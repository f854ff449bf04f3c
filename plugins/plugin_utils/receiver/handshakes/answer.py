# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a handshake is: a request by which a sender asks whether it may send, and what it gets for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its body is a text, or an object that is written as JSON, or nothing."""

    status: int
    body: str | Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Handshake(Protocol):
    """One kind of handshake. It is asked after the sender has been authenticated, and before any adapter."""

    async def answer(self, method: str, headers: Mapping[str, str], payload: Any) -> Answer | None:
        """Return the answer, or None for what is no handshake of this kind.

        :param method: of the request, in upper case.
        :param headers: their names in lower case.
        :param payload: what the body holds as JSON; None where there is none.
        """
