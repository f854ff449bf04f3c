# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Confirmation: a monitor that has not said "resolved" in time is asked before the attempt counts as failed."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import VERIFYING, Case

from ..child_queue import ChildQueue
from ..persistence import write
from ..policy.case_life import on_unconfirmed, subject_of
from ..policy.settings import Policy
from .carrying_out import carry_out

logger = logging.getLogger(__name__)

_AT_ONCE = 50
_ANSWER_SECONDS = 30.0


async def settle_overdue(store: Store, children: Mapping[str, ChildQueue], policy: Policy) -> None:
    """Settle the verifying cases whose time is over: ask their monitors, and write down what follows."""
    overdue = await write(store, lambda tx: tx.overdue_cases(time.time(), _AT_ONCE))
    answers = await asyncio.gather(*(_ask(store, case, children) for case in overdue))
    for case, answer in zip(overdue, answers):
        await write(store, _settling(case, answer, policy))


async def _ask(store: Store, case: Case, children: Mapping[str, ChildQueue]) -> str | None:
    child = children.get(case.child)
    if child is None or child.confirm is None:
        return None
    row = await write(store, lambda tx: tx.event(case.event_row))
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await child.confirm(row.event.to_mapping())
    except Exception as error:  # a monitor that cannot be asked is one that did not answer
        logger.warning("%s could not be asked about case %d: %s: %s", case.child, case.id, type(error).__name__, error)
        return None


def _settling(case: Case, answer: str | None, policy: Policy):
    def settle(tx: Transaction) -> None:
        now = time.time()
        current = tx.case(case.id)
        if current.state == VERIFYING and current.due_at == case.due_at:  # it may have been resolved meanwhile
            own = policy.of(subject_of(current))
            carry_out(tx, current, on_unconfirmed(current, answer, now, random.random(), own), own, now)

    return settle
