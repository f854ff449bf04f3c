# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who sends a request: the schemes of its endpoint are asked, and one that knows the sender suffices."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.delivery import Delivery
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import NotAuthenticated, Verifier


async def sender_of(delivery: Delivery, verifiers: Sequence[Verifier]) -> str | None:
    """Return the id that the sender vouches for, None where its scheme has none.

    :param verifiers: at least one.
    :raises NotAuthenticated: when none of them knows the sender.
    :raises NotAllowed: when one does, and the sender may not do this.
    """
    refusal: NotAuthenticated | None = None
    for verifier in verifiers:
        try:
            if hasattr(verifier, "prepare"):
                await verifier.prepare(delivery)
            return verifier.verify(delivery)
        except NotAuthenticated as error:
            refusal = refusal or error
    raise refusal
