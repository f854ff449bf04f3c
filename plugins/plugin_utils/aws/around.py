# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of the source share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper

if TYPE_CHECKING:
    from .access.clients import Clients
    from .directory.directory import Directory


@dataclass(frozen=True, slots=True)
class Around:
    """Where events go, how AWS is asked, who knows the hosts, and what time it is (seconds since the epoch)."""

    keeper: Keeper
    clients: Clients
    directory: Directory
    now: Callable[[], float]
    new_id: Callable[[], str]
