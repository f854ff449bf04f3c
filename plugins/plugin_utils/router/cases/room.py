# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The room that a dispatch has for cases that go together: each is named in it, and what calls a person says there all that it has to say.

A name grows when it is neutralised. A story tells its subject, so what that takes then is measured there.
"""

from __future__ import annotations

from ..engine.dispatch_event import MAX_IDENTITY_BYTES, MAX_STORIES_BYTES, identity_bytes, story_bytes
from ..policy.case_life import is_own
from .flight import Member


class Room:
    """What is left of a dispatch beside its leading case."""

    def __init__(self, lead: Member) -> None:
        self._identities = MAX_IDENTITY_BYTES
        self._stories = MAX_STORIES_BYTES - 2 * _story_bytes(lead)

    def take(self, member: Member) -> bool:
        """Take one more case in, and tell whether there was room for it."""
        identities = self._identities - identity_bytes(member.case, member.row)
        stories = self._stories - _story_bytes(member)
        if identities < 0 or stories < 0:
            return False
        self._identities, self._stories = identities, stories
        return True


def _story_bytes(member: Member) -> int:
    # Of all others, the work does not depend on the data: what has no room is left out, and fetched by who needs it.
    return story_bytes(member.row) if is_own(member.case.type) else 0
