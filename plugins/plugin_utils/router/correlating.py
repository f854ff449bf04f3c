# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bringing what has been accepted to its cases, many events in one transaction; one that cannot be read holds up no other."""

from __future__ import annotations

import logging
import time
from functools import partial

from ansible_collections.eventops.infra.plugins.plugin_utils.declared import host_of
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import EventRow

from .arrivals import Arrivals
from .cases.correlation import Correlation
from .engine.rule_reads import RuleReads
from .persistence import write
from .policy.settings import Policy

logger = logging.getLogger(__name__)

_BATCH = 200  # events in one transaction
_ROUND = 2000  # events before it is seen what may go


class Correlator:
    """Correlates the events that intake has accepted; `arrivals` are the cases that were opened by that of late.

    :param reads: what the ruleset reads of an event.
    """

    def __init__(self, store: Store, inventory: Inventory, policy: Policy, reads: RuleReads) -> None:
        self.arrivals = Arrivals()
        self._store = store
        self._inventory = inventory
        self._policy = policy
        self._reads = reads

    async def round(self) -> int:
        """Follow what has been accepted, as far as a round goes; return how many events that were."""
        correlated = 0
        while correlated < _ROUND and (rows := await write(self._store, lambda tx: tx.unhandled_events(_BATCH))):
            correlated += len(rows)
            inventory = await self._inventory.fresh()
            if any(host_of(name, row.event, inventory) is None for row in rows for name in row.event.hosts):
                inventory = await self._inventory.fresh(unknown_name=True)
            correlate = Correlation(inventory, self._policy, self._reads)
            try:
                self.arrivals.note(await write(self._store, partial(correlate, rows=rows, now=time.time())), time.time())
            except Exception:
                logger.exception("events %d to %d could not be correlated together, now one by one", rows[0].id, rows[-1].id)
                for row in rows:
                    await self._alone(correlate, row)
        return correlated

    async def _alone(self, correlate: Correlation, row: EventRow) -> None:
        """Keep one event that cannot be read from holding up all others; it stays in the store, without a case."""
        try:
            await write(self._store, partial(correlate, rows=[row], now=time.time()))
        except Exception:
            logger.exception("event %d from %s has no case, because it could not be correlated", row.id, row.child)
            await write(self._store, lambda tx: tx.mark_handled(row.id, None))
