# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A transaction as tests use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .reader import Record
from .registry import model_named
from .transaction import Transaction

if TYPE_CHECKING:
    from .netbox import NetBox


class Changes:
    """An open transaction.

    Args:
        netbox: the double.
        transaction: that is open.
    """

    def __init__(self, netbox: NetBox, transaction: Transaction) -> None:
        self._netbox = netbox
        self._transaction = transaction

    @property
    def request_id(self) -> str:
        """The request id of all its changes."""
        return self._transaction.request.id

    def create(self, object_type: str, /, **data: object) -> Record:
        """Make an object and return it as it is kept."""
        with self._netbox.lock:
            return self._transaction.create(model_named(object_type), data)

    def update(self, object_type: str, id: int, /, **data: object) -> Record:
        """Change an object."""
        with self._netbox.lock:
            return self._transaction.update(model_named(object_type), id, data)

    def delete(self, object_type: str, id: int, /) -> None:
        """Delete an object."""
        with self._netbox.lock:
            self._transaction.delete(model_named(object_type), id)

    def commit(self) -> None:
        """Make all of it visible, and send the webhooks."""
        with self._netbox.lock:
            self._transaction.commit()
            self._netbox.flush(list(self._transaction.events.values()))

    def rollback(self) -> None:
        """Undo all of it; the webhooks are sent all the same, as NetBox sends those of a bulk request that fails."""
        with self._netbox.lock:
            self._netbox.flush(list(self._transaction.events.values()))
