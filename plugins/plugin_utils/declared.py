# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts an event is about: those of the user's inventory, and those that a source of ours declares.

A host that is declared with connection variables counts as known, though the inventory has not heard of it. Its name was
written by whoever may write into the source's authority: it is a name and nothing else, never an address of another host, and
never the machine that runs the playbooks.
"""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, is_host_name

# Ansible's own names of the machine that it runs on (its constant LOCALHOST), where it connects to nobody.
CONTROLLER = frozenset({"localhost", "127.0.0.1", "::1"})
_OF_ANSIBLE = frozenset({"all", "ungrouped"})


def hosts_of(event: Event, inventory: Snapshot) -> tuple[str, ...]:
    """Return the hosts that an event is about, each once, in their order; unknown ones are left out."""
    return tuple(dict.fromkeys(host for name in event.hosts if (host := host_of(name, event, inventory)) is not None))


def host_of(name: str, event: Event, inventory: Snapshot) -> str | None:
    """Return the host that a name in an event stands for, or None."""
    if not event.connections:
        return inventory.resolve(name)
    return name if _why_not(name, event, inventory) is None else None


def why_none(event: Event, inventory: Snapshot) -> str:
    """Say why none of the hosts that an event names is known."""
    if not event.connections:
        return f"the inventory has none of {', '.join(event.hosts[:5])}"
    return "; ".join(f"{name}: {_why_not(name, event, inventory)}" for name in event.hosts[:5])


def _why_not(name: str, event: Event, inventory: Snapshot) -> str | None:
    if name.lower() in CONTROLLER:
        return "to Ansible that is the machine that runs the playbooks itself, so nothing is run for a host of this name"
    if name in _OF_ANSIBLE or name in inventory.groups:
        return "that is a group of hosts, so no single host can have this name"
    if not is_host_name(name):
        return "not a name that a host can have; letters, digits and . _ - make one"
    if name in inventory.hostvars:
        return None
    if variables := event.connections.get(name):
        owner = inventory.addresses.get(str(variables.get("ansible_host")))
        # What may be run on that host is said under its own name, and not by whoever may write its address somewhere else.
        return f"its address is that of {owner} in the inventory, which is another host" if owner is not None else None
    return "the inventory has no such host, and the source knows no address of it"
