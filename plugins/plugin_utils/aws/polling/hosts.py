# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of an event's hosts as the inventory has them: what a source keeps is taken as exact names, never as addresses."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.controller import kept_away_from_controller
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot


def with_exact_names(event: Event, inventory: Snapshot) -> Event:
    """Return an event with each host's name in the inventory; one that it lacks stays as it is, so that a person hears of it."""
    names = tuple(dict.fromkeys(inventory.resolve(host) or host for host in event.hosts))
    return kept_away_from_controller(replace(event, hosts=names), inventory)
