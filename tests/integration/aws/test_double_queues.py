# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double's FIFO queues, where messages become visible again one after another, and somebody receives meanwhile."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.eventops.infra.tests.doubles.aws.inside import receiving
from moto.core.utils import unix_time_millis
from moto.sqs import models
from moto.sqs.models import Message, Queue, SQSBackend

NUMBERS = ["0", "1", "2", "3"]
SOON, WHOLE_SECONDS = 60, 30


@pytest.fixture
def backend(monkeypatch):
    """A backend of moto's in this process, as the double has it; each look at the clock takes a millisecond."""
    patched = {Queue: ["add_message"], Message: ["visible"]}
    patched[SQSBackend] = ["receive_message", "delete_message", "change_message_visibility", "is_message_valid_based_on_retention_period"]
    for owner, names in patched.items():
        for name in names:
            monkeypatch.setattr(owner, name, vars(owner)[name])  # so that it is put back
    receiving.add_to_moto()
    clock = itertools.count(int(unix_time_millis()))
    for module in (models, receiving):
        monkeypatch.setattr(module, "unix_time_millis", lambda: next(clock))
    return SQSBackend("eu-central-1", "123456789012")


def test_a_group_comes_again_in_order_whenever_it_is_looked_at(backend):
    queue = backend.create_queue("eventops.fifo", None, FifoQueue="true")
    for number in NUMBERS:
        backend.send_message("eventops.fifo", number, deduplication_id=number, group_id="group")
    for soon in range(SOON):
        began = models.unix_time_millis()
        for place, message in enumerate(queue._messages):
            message.visible_at = began + soon + place
            queue.pending_messages.add(message)
        assert received(backend) == NUMBERS, f"visible after {soon} ms"


def received(backend):
    """Return what the next receiver is given who is given anything, and who comes after it."""
    given = []
    while len(given) < len(NUMBERS):
        given += [message.body for message in backend.receive_message("eventops.fifo", 10, 0, WHOLE_SECONDS)]
    return given
