# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of events that not everybody may use."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.event import RESERVED_PREFIX, Event, InvalidEvent

# Only our own playbooks say these, through the router's socket: what was added for a time is to be given back, and a stranger must not say when.
PLAYBOOKS_PREFIX = "scale.temporary_"


def require_own_name(event: Event, *, is_of_a_playbook: bool = False) -> None:
    """Refuse an event with a name that its sender may not use: as its key it could open, join or close a case of others. Raises InvalidEvent."""
    for prefix, whose in ((RESERVED_PREFIX, "the router's own"), (PLAYBOOKS_PREFIX, "for playbooks to say")):
        if is_of_a_playbook and prefix == PLAYBOOKS_PREFIX:
            continue
        for attribute in ("type", "dedup_key"):
            if (given := getattr(event, attribute)).startswith(prefix):
                raise InvalidEvent(f"{attribute}: {given} is {whose}, no sender may use {prefix}*")
