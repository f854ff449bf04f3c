# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machine that runs the playbooks is nobody's instance: no sender, no tag, no log line and no name of DNS leads there."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.declared import CONTROLLER
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH, Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot

_MARK = " (the controller)"  # no host's name has a blank


def kept_away_from_controller(event: Event, inventory: Snapshot) -> Event:
    """Return an event that is not about the controller: where it names that, it is about a host that nobody knows. About no host it may be."""
    named = [host for host in event.hosts if _is_controller(host) or _is_controller(inventory.resolve(host) or "")]
    if not named:
        return event
    hosts = dict.fromkeys(f"{host[: MAX_HOST_LENGTH - len(_MARK)]}{_MARK}" if host in named else host for host in event.hosts)
    why = f"{ascii(named[0])[1:-1]}: the machine that runs the playbooks is nobody's instance"
    others = event.data.get("unresolved")
    return replace(event, hosts=tuple(hosts), data={**event.data, "unresolved": f"{why}; {others}" if isinstance(others, str) else why})


def _is_controller(name: str) -> bool:
    return name.lower() in CONTROLLER
