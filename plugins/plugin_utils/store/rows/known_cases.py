# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cases as they are, in memory: nobody but this connection writes them."""

from __future__ import annotations

from ..values import Case

_MOST = 10_000  # some ten megabytes


class KnownCases:
    """Cases by id, and by dedup_key the live one, or that there is none."""

    def __init__(self) -> None:
        self._by_id: dict[int, Case] = {}
        self._live: dict[str, Case | None] = {}

    def get(self, case_id: int) -> Case | None:
        """Return a case, if it is known."""
        return self._by_id.get(case_id)

    def knows_live(self, dedup_key: str) -> bool:
        """Tell whether it is known which case lives under a key, if any."""
        return dedup_key in self._live

    def live(self, dedup_key: str) -> Case | None:
        """Return the case that lives under a key."""
        return self._live[dedup_key]

    def has_no_live(self, dedup_key: str) -> None:
        """Note that no case lives under a key."""
        self._live[dedup_key] = None

    def remember(self, case: Case) -> None:
        """Note a case as it is now."""
        self._by_id[case.id] = case
        if case.live:
            self._live[case.dedup_key] = case
        elif (known := self._live.get(case.dedup_key)) is not None and known.id == case.id:
            self._live[case.dedup_key] = None

    def forget(self, case_id: int) -> None:
        """Note that a case, which did not live, is there no more."""
        self._by_id.pop(case_id, None)

    def clear(self) -> None:
        """Forget all: something was undone."""
        self._by_id.clear()
        self._live.clear()

    def shrink(self) -> None:
        """Forget all when there are too many."""
        if len(self._by_id) > _MOST or len(self._live) > _MOST:
            self.clear()
