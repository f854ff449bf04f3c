# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Admission: what an event says about its case, and whether a case with it as its newest event is acted upon."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.declared import hosts_of, why_none
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, kind_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot

from ..policy.case_life import admit
from ..policy.decisions import Observe, Open, Suppress
from ..policy.matching import Subject

_LONGEST_NAME = 200


def admitted(event: Event, inventory: Snapshot, mode: str) -> Open | Observe | Suppress:
    """Decide whether a case with this as its newest event is acted upon."""
    unread = event.extra.get(UNREAD) if event.type == RECEIVED else None
    hosts = hosts_of(event, inventory)
    return admit(event.type, hosts, mode, unknown=why_none(event, inventory) if event.hosts and not hosts else None, unread=unread)


def name_of(event: Event) -> str:
    """Return what the event's data calls the problem."""
    name = event.data.get("name")
    return name[:_LONGEST_NAME] if isinstance(name, str) else ""


def subject_of_event(event: Event, hosts: tuple[str, ...], child: str) -> Subject:
    """Return what a policy, a pause and a window match a case with this event by."""
    return Subject(event.type, name_of(event), kind_of(event.type), event.severity, event.subject, hosts, child, event.dedup_key)
