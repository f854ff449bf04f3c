# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messages of somebody who may send to the queue, and means harm: each is kept, or put aside with a reason; nothing is lost, and nothing stops the others."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access import patience
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Access, Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.labels import read_labels
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.order import LeftBehind
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.reading import Reader
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import QueueSettings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.storing import Stored, Storing
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.tests.attacks.messages import bodies, corpus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .queue_taken import NoDirectory, Taken, envelope

SOURCE = "aws:sqs:us-east-1:eventops"
LABELS = [{"name": "*", "labels": {"scale": "out"}}]


class NoPatience:
    """There is nothing to wait for here: whoever waits has met a failure that a message must not cause."""

    async def failed(self, error: BaseException) -> None:
        raise AssertionError("a message made the intake wait") from error

    def well(self) -> None:
        """Go on."""


class Bench:
    """Reading and storing as the intake of a queue does it, with a real store, and without a queue: a thousand messages a second."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self._numbers = itertools.count(1)

    def message(self, body: str, receives: int = 1, group: str | None = None) -> Message:
        """Return a message, which has never been there before."""
        number = next(self._numbers)
        return Message(f"message-{number}", body, f"receipt {number}", receives, "2026-01-31T12:00:00Z", group, number)

    def stored(self, messages: Sequence[Message], max_receives: int, largest: int) -> tuple[Stored, dict[str, list[Event]]]:
        """Return what became of messages that came together, and the events that are in the store since, by the ids of the messages that have them."""
        handed: list[Event] = []

        class Keeping(ChildQueue):
            async def keep(self, events: Sequence[Event], *arguments: Any) -> None:
                await super().keep(events, *arguments)
                handed.extend(events)

        intake = Intake(self.store, redact_words=("password", "token"), max_event_bytes=largest, accepted=lambda: None)
        child = ChildConfig("aws", "eventops.infra.cloudwatch", {}, None, {}, (), "sources[0]")
        keeper = Keeping(child, (), intake, Inventory(None))
        around = Around(keeper, None, NoDirectory(), time.time, lambda: "id", DEFAULT_HOSTS, read_labels(LABELS))
        own = QueueSettings("queues[0]", None, "eventops", max_receives=max_receives, envelopes=True)
        reader = Reader(own, Place("tests", "us-east-1", Access()), around, SOURCE, NoPatience())
        storing = Storing(keeper, reader, LeftBehind(100, lambda: 0.0), NoPatience(), max_receives)
        outcome = asyncio.run(storing.store(messages))
        there = {(row.event.source, row.event.id): row.event for row in self._unhandled()}
        return outcome, {"events": [there[event.source, event.id] for event in handed if (event.source, event.id) in there], "handed": handed}

    def _unhandled(self) -> list[Any]:
        found: list[Any] = []
        while rows := self.store.run_now(lambda tx: tx.unhandled_events(1000)):
            found += rows
            numbers = [(row.id, None) for row in rows]
            self.store.run_now(lambda tx, numbers=numbers: tx.mark_all_handled(numbers))
        return found


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    store = SqliteStore(tmp_path_factory.mktemp("hostile") / "store.db")
    yield Bench(store)
    store.close()


@pytest.fixture(name="log")
def _log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No sender makes us log a failure of our own."""
    with caplog.at_level(logging.ERROR):
        yield
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def good(bench: Bench, group: str | None = None) -> Message:
    number = next(bench._numbers)
    return bench.message(f'{{"specversion": "1.0", "type": "request.report", "subject": "good {number}"}}', group=group)


def reasons_of(outcome: Stored, events: Sequence[Event]) -> list[str]:
    return [*outcome.left.values(), *(event.extra[UNREAD] for event in events if UNREAD in event.extra)]


@given(hostile=st.lists(bodies(), min_size=1, max_size=8), largest=st.sampled_from([2_000, 20_000, 1_048_576]))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture])
def test_each_is_kept_or_put_aside_with_a_reason_and_the_others_are_kept(bench: Bench, log: None, hostile: list[str], largest: int) -> None:
    messages = [good(bench), *(bench.message(body) for body in hostile), good(bench)]
    outcome, found = bench.stored(messages, 1, largest)

    assert outcome.kept == messages and not outcome.left and not outcome.later and not outcome.waiting
    # A message that was put aside is known by its own id; of others, those that say the same id of themselves are one.
    assert len(found["handed"]) >= len(messages)
    by_id = {event.id: event for event in found["events"]}
    for message in (messages[0], messages[-1]):
        assert by_id[message.id].subject.startswith("good ")
    for reason in reasons_of(outcome, found["events"]):
        assert reason and "reading it failed" not in reason, reason
    for event in found["events"]:
        neutralize(event.to_mapping())
        assert not event.type.startswith("case.") and not event.dedup_key.startswith("case.")
        assert event.source == SOURCE or not event.source.startswith("aws:")


@given(hostile=st.lists(bodies(), min_size=1, max_size=5), receives=st.integers(1, 3))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture])
def test_what_is_left_for_another_time_has_a_reason_and_holds_up_its_own_group_alone(bench: Bench, log: None, hostile: list[str], receives: int) -> None:
    bad = [bench.message(body, receives, group="theirs") for body in hostile]
    others = [good(bench, group="ours"), good(bench)]
    outcome, found = bench.stored([*bad, *others], 3, 20_000)

    became = [*outcome.kept, *outcome.left, *outcome.later]
    assert sorted(message.id for message in became) == sorted(message.id for message in [*bad, *others])
    assert set(others) <= set(outcome.kept)
    assert receives < 3 or not outcome.left
    assert all(reason and "reading it failed" not in reason for reason in reasons_of(outcome, found["events"]))


def test_through_a_queue_all_of_them_end_and_the_good_ones_do_not_wait(tmp_path: Path, aws: Any, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr(patience, "LONGEST_PAUSE_SECONDS", 2.0)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    queue = Taken(tmp_path, aws, max_receives=2, visibility_seconds=10, receivers=2).create()
    hostile, number = corpus(), 40
    for part in range(number):
        queue.send([envelope(f"good {part}")])
        for body in hostile[part::number]:
            queue.send([body])  # one by one: a batch has as much room as one message

    async def story() -> None:
        async with queue.running():
            await queue.until(queue.is_empty, 240)
            assert not queue.troubles

    with caplog.at_level(logging.INFO, "ansible_collections.eventops.infra"):
        asyncio.run(story())
    events = queue.events()
    queue.close()
    assert sorted(event.subject for event in events if event.subject.startswith("good ")) == sorted(f"good {part}" for part in range(number))
    aside = [event for event in events if event.type == RECEIVED and UNREAD in event.extra]
    assert len(events) == number + len(hostile)
    assert len(aside) > 20 and all(("receipt 1" if "leads to a host" in event.extra[UNREAD] else "receipt 2") in event.extra[UNREAD] for event in aside)
    assert not any("reading it failed" in event.extra[UNREAD] for event in aside)
    lines = [record.getMessage() for record in caplog.records]
    assert lines and all(line.isprintable() and len(line) < 2000 for line in lines), "no sender writes lines of their own into the log"
    assert all(record.levelno < logging.ERROR for record in caplog.records)
