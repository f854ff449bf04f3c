# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Intake: a child's payload becomes events in the store, and only then does its `put` return."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.connections import InvalidConnection, connection_variables
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot
from ansible_collections.eventops.infra.plugins.plugin_utils.own_name import require_own_name
from ansible_collections.eventops.infra.plugins.plugin_utils.reading import read_payload
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import redact_texts
from ansible_collections.eventops.infra.plugins.plugin_utils.redact_event import redacted
from ansible_collections.eventops.infra.plugins.plugin_utils.store.event_text import written
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable, accept
from ansible_collections.eventops.infra.plugins.plugin_utils.store.keep import Keep
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

# Under which events from playbooks are kept. No child can have this name: it is not a name that the configuration allows.
PLAYBOOKS = "eventops:playbooks"

_RETRY_AFTER_SECONDS = "5"
_NOTHING: Mapping = MappingProxyType({})


class IntakeUnavailable(web.HTTPServiceUnavailable):
    """The store cannot take the event now. Raised out of a webhook's handler it is the answer that the sender gets."""

    def __init__(self, reason: str) -> None:
        super().__init__(text=reason, headers={"Retry-After": _RETRY_AFTER_SECONDS})

    def __str__(self) -> str:
        return str(self.text)


class EventRefused(web.HTTPUnprocessableEntity):
    """The event cannot be taken, now or later. Raised out of a webhook's handler it is the answer that the sender gets."""

    def __init__(self, reason: str, event: Event | None = None) -> None:
        super().__init__(text=reason)
        self.event = event  # which one of several, where a source handed in events

    def __str__(self) -> str:
        return str(self.text)


def declared_by(event: Event) -> dict[str, dict[str, object]]:
    """Return the hosts of an event that a source of ours made, each with its connection variables, none where it knows none.

    Each, because a name out of the source's authority is never to be taken for an address, or for the controller (declared.py).

    :raises InvalidConnection: when a variable cannot be declared, or is declared for a host that the event is not about.
    """
    for host in event.connections:
        if host not in event.hosts:
            raise InvalidConnection(f"connections: {ascii(host)} is none of the event's hosts")
    return {host: connection_variables(event.connections.get(host, {})) for host in event.hosts}


class IntakeObserver(Protocol):
    """Who counts what the intake does. It is called while the sender waits, so it is quick; and it does not raise."""

    def accepted(self, child: str, events: Sequence[Event], rows: Sequence[int | None]) -> None:
        """Events of a child are on disk; a row is None where it was there already."""

    def refused(self, child: str) -> None:
        """A delivery of a child was refused."""

    def unavailable(self, child: str) -> None:
        """A delivery of a child could not be written."""


class Intake:
    """Take payloads in for a router: adapt, redact, commit.

    :param store: where events are kept.
    :param redact_words: the values of keys that contain one of these are not kept.
    :param max_event_bytes: a larger event is refused.
    :param accepted: called after each commit; it may run on any thread that hands events in.
    :param observer: who counts.
    :param known_hosts: returns the inventory as it is known just now.
    """

    def __init__(
        self,
        store: Store,
        *,
        redact_words: Sequence[str],
        max_event_bytes: int,
        accepted: Callable[[], None],
        observer: IntakeObserver | None = None,
        known_hosts: Callable[[], Snapshot] = Snapshot,
    ) -> None:
        self.store = store
        self._redact_words = tuple(redact_words)
        self._max_event_bytes = max_event_bytes
        self._accepted = accepted
        self._observer = observer
        self._known_hosts = known_hosts
        self._ids = str(uuid.uuid4())
        self._id_numbers = itertools.count(1)

    async def take(
        self, payloads: Sequence[object], *, child: str, adapter: str | None = None, settings: Mapping = _NOTHING, not_before: float = 0.0
    ) -> tuple[list[Event], list[int | None]]:
        """Keep the events of some payloads; return them as they are kept, with their rows, None where one was there already.

        :param not_before: when to act upon them, in seconds since the epoch.

        Raises IntakeUnavailable or EventRefused; then none of them is kept.
        """
        events, texts = self._read_counted(payloads, child, adapter, settings)
        if not_before:
            events = [replace(event, not_before=not_before) for event in events]
            texts = [written(event) for event in events]
        try:
            rows = await self.store.run(accept(events, child=child, received_at=time.time(), texts=texts))
        except StoreUnavailable as error:
            raise self._unavailable(child, error) from error
        self._is_on_disk(child, events, rows)
        return events, rows

    def take_now(self, payloads: Sequence[object], *, child: str, adapter: str | None = None, settings: Mapping = _NOTHING) -> None:
        """Do the same and block until it is durable, for `put_nowait` and for event filters."""
        events, texts = self._read_counted(payloads, child, adapter, settings)
        try:
            rows = self.store.run_now(accept(events, child=child, received_at=time.time(), texts=texts))
        except StoreUnavailable as error:
            raise self._unavailable(child, error) from error
        self._is_on_disk(child, events, rows)

    async def keep(
        self, events: Sequence[Event], remember: Mapping[str, str | None], *, child: str, heard: Sequence[int] = ()
    ) -> list[int | None]:
        """Keep events that a source of ours made, what it remembers, and which endings it has heard of, in one transaction.

        Return the rows of the events, None where one was there already.

        Raises IntakeUnavailable, or EventRefused with the event; then nothing of it is kept.
        """
        checked, turn = [], Turn()
        try:
            for event in events:
                checked.append(self._checked_of_source(event))
                await turn.give_way()
        except EventRefused:
            if self._observer is not None:
                self._observer.refused(child)
            raise
        kept, texts = [event for event, _text in checked], [text for _event, text in checked]
        # What is remembered of an object has what its events have.
        remembered = redact_texts(remember, self._redact_words)
        function = Keep(accept(kept, child=child, received_at=time.time(), texts=texts), child=child, remember=remembered, heard=list(heard))
        try:
            rows = await self.store.run(function)
        except StoreUnavailable as error:
            raise self._unavailable(child, error) from error
        if kept:
            self._is_on_disk(child, kept, rows)
        return rows

    def _checked_of_source(self, event: Event) -> tuple[Event, str]:
        try:
            return self._checked(replace(event, connections=declared_by(event)))
        except (EventRefused, InvalidConnection) as refused:
            raise EventRefused(f"event {event.id}: {refused}", event) from refused

    def read(self, payloads: Sequence[object], *, child: str, adapter: str | None, settings: Mapping) -> list[Event]:
        """Turn payloads into events, redacted and checked. Raises EventRefused."""
        return self._read(payloads, child, adapter, settings)[0]

    def _read(self, payloads: Sequence[object], child: str, adapter: str | None, settings: Mapping) -> tuple[list[Event], list[str]]:
        """Return the events, and what the store keeps of each."""
        context = AdapterContext(source=child, received_at=from_epoch(time.time()), new_id=self._new_id, inventory=self._known_hosts())
        events, texts = [], []
        for payload in payloads:
            try:
                found = read_payload(payload, adapter=adapter, settings=settings, context=context)
            except InvalidEvent as error:
                raise EventRefused(str(error)) from error
            for event in found:
                kept, text = self._checked(event, is_of_a_playbook=child == PLAYBOOKS)
                events.append(kept)
                texts.append(text)
        return events, texts

    def _new_id(self) -> str:
        # Not a random number for each: asking the kernel for one takes longer than all else that is done with an event, and what
        # follows each other is close together in the store's index.
        return f"{self._ids}-{next(self._id_numbers)}"

    def _read_counted(self, payloads: Sequence[object], child: str, adapter: str | None, settings: Mapping) -> tuple[list[Event], list[str]]:
        try:
            return self._read(payloads, child, adapter, settings)
        except EventRefused:
            if self._observer is not None:
                self._observer.refused(child)
            raise

    def _unavailable(self, child: str, error: StoreUnavailable) -> IntakeUnavailable:
        if self._observer is not None:
            self._observer.unavailable(child)
        return IntakeUnavailable(str(error))

    def _is_on_disk(self, child: str, events: Sequence[Event], rows: Sequence[int | None]) -> None:
        if self._observer is not None:
            self._observer.accepted(child, events, rows)
        self._accepted()

    def _checked(self, event: Event, is_of_a_playbook: bool = False) -> tuple[Event, str]:
        try:
            require_own_name(event, is_of_a_playbook=is_of_a_playbook)
        except InvalidEvent as error:
            raise EventRefused(str(error)) from error
        try:
            kept = redacted(event, self._redact_words)
            text = written(kept)
            # What a stock child put is kept beside `data`, which is a part of it: what was sent counts once.
            size = len(text) if len(text) <= self._max_event_bytes else max(len(json.dumps(part, default=str)) for part in (kept.extra, kept.data))
        except (TypeError, ValueError, RecursionError) as error:
            raise EventRefused(f"the event cannot be written as JSON: {error}") from error
        if size > self._max_event_bytes:
            raise EventRefused(f"the event has {size} bytes as JSON, at most {self._max_event_bytes} are taken (max_event_bytes)")
        return kept, text
