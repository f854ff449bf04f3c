# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The identifiers of deliveries: their senders' own where there are some, else ours; and, without a store, which have come before."""

from __future__ import annotations

import hashlib
import itertools
import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

# A sender repeats a delivery within minutes or hours. A hundred thousand take some 20 MB.
_MOST_REMEMBERED = 100_000
# Not every scheme signs the header that the identifier comes from.
_PLAIN = re.compile(r"[\x21-\x7e]{1,200}")


class Ids:
    """Makes identifiers that no other process makes. One random number for all: asking the kernel for each takes longer than the rest."""

    def __init__(self) -> None:
        self._prefix = str(uuid.uuid4())
        self._numbers = itertools.count(1)

    def of(self, delivery_id: str | None) -> Callable[[], str]:
        """Return what makes the identifiers of one delivery's events: with the sender's own, the same again when it comes again."""
        if delivery_id is None:
            return self._new
        if not _PLAIN.fullmatch(delivery_id):
            delivery_id = hashlib.sha256(delivery_id.encode("utf-8", "surrogateescape")).hexdigest()
        parts = itertools.count(1)

        def new_id() -> str:
            part = next(parts)
            return delivery_id if part == 1 else f"{delivery_id}/{part}"

        return new_id

    def _new(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"


class Remembered:
    """What has come lately, for use without the router, whose store knows it for good."""

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    @contextmanager
    def new_among(self, events: Sequence[Event]) -> Iterator[list[Event]]:
        """Yield the events that have not come before. Meanwhile they count as having come; when they could not be handed on, they have not."""
        new = {(event.source, event.id): event for event in events if (event.source, event.id) not in self._known}
        self._known |= dict.fromkeys(new)
        try:
            yield list(new.values())
        except BaseException:
            for key in new:
                self._known.pop(key, None)
            raise
        while len(self._known) > self._most:
            self._known.popitem(last=False)
