# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names of an event's hosts as the inventory has them: what a source keeps is taken as exact names, never as addresses."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot


def exact_names(hosts: Iterable[str], inventory: Snapshot) -> tuple[str, ...]:
    """Return each host's name in the inventory; one that it lacks stays as it is, so that a person hears of it."""
    return tuple(dict.fromkeys(inventory.resolve(host) or host for host in hosts))
