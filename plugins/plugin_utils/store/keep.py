# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The function that keeps events of a source of ours, and with them what the source remembers and what it has heard: all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .interface import Accept, Transaction


class Keep:
    """Like `Accept` it may be tried again, whatever became of it: what is kept already is known.

    :param heard: the endings of cases that the source need not be told of any more.
    """

    __slots__ = ("_accept", "_child", "_heard", "_items")

    def __init__(self, accept: Accept, *, child: str, remember: Mapping[str, str | None], heard: Sequence[int] = ()) -> None:
        self._accept = accept
        self._child = child
        self._items = remember
        self._heard = heard

    def __call__(self, tx: Transaction) -> list[int | None]:
        rows = self._accept(tx)
        tx.remember(self._child, self._items)
        tx.forget_finished(self._child, self._heard)
        return rows
