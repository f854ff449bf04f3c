# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an adapter is told about the delivery besides its payload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """The circumstances of one delivery.

    `source` names the receiving source for payloads that name none, `received_at` is RFC 3339 in UTC, and `new_id` makes an identifier for
    payloads that carry none. Time and randomness come in here, so that adapters stay functions from values to values.
    """

    source: str
    received_at: str
    new_id: Callable[[], str]
