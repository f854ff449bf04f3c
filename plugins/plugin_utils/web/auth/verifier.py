# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every scheme of authentication is: a verifier, made once of its settings, that looks at one delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

from .delivery import Delivery


class NotAuthenticated(Exception):
    """Nobody knows that the sender is who it should be (401). The message is for the sender: it says what is missing and shows no secret.

    :param challenge: the scheme for the header WWW-Authenticate (RFC 9110 section 11.6.1), where there is one.
    """

    def __init__(self, message: str, challenge: str = "") -> None:
        super().__init__(message)
        self.challenge = challenge


class NotAllowed(Exception):
    """The sender is known, or its signature is right, but it may not do this (403)."""


class CannotTell(Exception):
    """Whether the sender is who it should be cannot be told now, which is no fault of its own: it shall try again later (503 with Retry-After)."""


class Verifier(Protocol):
    """One scheme with its secrets.

    `reads_body` tells whether `verify` looks at the body; where it does not, a stranger is refused before any of the body is read.

    A verifier that needs something from elsewhere, such as a certificate, has one more method, `async def prepare(self, delivery: Delivery) -> None`.
    It is awaited before `verify`, which only looks at what is at hand, and raises NotAuthenticated, NotAllowed or CannotTell.
    """

    reads_body: bool

    def verify(self, delivery: Delivery) -> str | None:
        """Return the delivery's id where the sender's signature covers one, or its header is documented as one; else None.

        Raises NotAuthenticated or NotAllowed.
        """


class Make(Protocol):
    """The signature of what makes a verifier."""

    def __call__(self, settings: Mapping[str, Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> Verifier | None:
        """Make a verifier of settings that the scheme's schema has checked; what only a closer look finds goes to `mistakes`, with None."""


class Scheme(NamedTuple):
    """A scheme by which senders are known: the JSON schema of its settings, and how its verifier is made."""

    schema: Mapping[str, Any]
    make: Make
