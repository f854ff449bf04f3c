# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of the source share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

from .labels import Labels

if TYPE_CHECKING:
    from .access.clients import Clients
    from .directory.directory import Directory


@dataclass(frozen=True, slots=True)
class Around:
    """Where events go, how AWS is asked, who knows the hosts, and what time it is (seconds since the epoch).

    `hosts` are the rules for hosts (adapters/host_rules.py); None: those of each adapter. `labels` are given to alarms by their names.
    """

    keeper: Keeper
    clients: Clients
    directory: Directory
    now: Callable[[], float]
    new_id: Callable[[], str]
    hosts: Sequence[str | Mapping[str, Any]] | None = None
    labels: Labels = Labels()
