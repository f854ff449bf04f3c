# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an adapter is told about the delivery besides its payload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Names, no_directory
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot

_NO_HOSTS = Snapshot()


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """The circumstances of one delivery.

    `source` names the receiving source for payloads that name none, `received_at` is RFC 3339 in UTC, and `new_id` makes an identifier for
    payloads that carry none. `inventory` is what is known of hosts just now, and `headers` are those of an HTTP delivery, their names in lower
    case. `names` is a directory's, for rules that have a host looked up `by` something. Time, randomness and what is known of hosts come in here, so that
    adapters stay functions from values to values.
    """

    source: str
    received_at: str
    new_id: Callable[[], str]
    inventory: Snapshot = _NO_HOSTS
    headers: Mapping[str, str] = field(default_factory=dict)
    names: Names = no_directory
