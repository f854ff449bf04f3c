# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Receiving from queues as SQS does it: one receiver at a time gets a message, and of a FIFO group nothing while something of it is in flight.

moto gives one message to two who ask at the same moment, and of a group that was in flight the last message first once they are all visible again, or
become so while it looks; its sequence numbers are random, where those of SQS grow. And it counts all messages of a queue for each that it gives, so that
a long queue is a slow one.
"""

from __future__ import annotations

import functools
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, Queue, SQSBackend

_add = Queue.add_message
_receive = SQSBackend.receive_message
_one_at_a_time = threading.RLock()
_numbers = itertools.count(18_849_496_460_467_696_128, 256)
_LOOKS_EVERY_SECONDS = 0.1
_moment: ContextVar[float | None] = ContextVar("moment", default=None)  # in milliseconds, of those who look at messages at one


def add_to_moto() -> None:
    """Teach moto to receive in order."""
    SQSBackend.receive_message = receive_message
    for name in ("delete_message", "change_message_visibility"):
        setattr(SQSBackend, name, _alone(getattr(SQSBackend, name)))
    SQSBackend.is_message_valid_based_on_retention_period = is_still_kept
    Queue.add_message = add_message
    Message.visible = property(is_visible)


def add_message(self: Queue, message: Message) -> None:
    """Put a message into the queue, in a FIFO queue with the next number."""
    if self.fifo_queue:
        message.sequence_number = str(next(_numbers))
    _add(self, message)


def receive_message(
    self: SQSBackend, queue_name: str, count: int, wait_seconds_timeout: int, visibility_timeout: int, message_attribute_names: list[str] | None = None
) -> list[Any]:
    """Give what may be given, at once or within the time that is waited."""
    queue, ends = self.get_queue(queue_name), time.monotonic() + wait_seconds_timeout
    while True:
        with _one_at_a_time, _one_moment():
            _end_flights(queue)
            found = _receive(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
        if found or time.monotonic() >= ends:
            return found
        time.sleep(_LOOKS_EVERY_SECONDS)


def _alone(method: Callable) -> Callable:
    """Have a method wait until nobody else changes what is in flight."""

    @functools.wraps(method)
    def alone(*args: Any, **named: Any) -> Any:
        with _one_at_a_time:
            return method(*args, **named)

    return alone


def is_visible(self: Message) -> bool:
    """Say whether nobody has a message in hand, now or at the moment that is looked at."""
    moment = _moment.get()
    return (unix_time_millis() if moment is None else moment) > self.visible_at


def is_still_kept(self: SQSBackend, queue_name: str, message: Message) -> bool:
    """Say whether a message is young enough to be given."""
    return message.sent_timestamp / 1000 + self.get_queue(queue_name).message_retention_period > time.time()


@contextmanager
def _one_moment() -> Iterator[None]:
    """Look at all messages at one moment: of two, the first could be in flight still, and the second no longer, a moment later."""
    token = _moment.set(unix_time_millis())
    try:
        yield
    finally:
        _moment.reset(token)


def _end_flights(queue: Queue) -> None:
    """Have nothing count as in flight that is visible again."""
    queue._pending_messages = {message for message in queue.pending_messages if not message.visible}
