# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Storing the messages that came together: what is kept, what is left and what is put aside, and in which order."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import LATE, NO_HOST, RECEIVED, UNREAD, UNREADABLE, word_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.contents import events_of, ids_of, settings_of_kinds
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.order import LeftBehind
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.reading import Reading
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.storing import Storing
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.unread import Unread, put_aside
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.event_text import written
from hypothesis import given
from hypothesis import strategies as st

SOURCE = "aws:sqs:us-east-1:eventops.fifo"
MAX_RECEIVES = 3
LARGEST = 3000
KINDS = settings_of_kinds()
POISON, LARGE, HOSTLESS, LARGE_HOSTLESS = "no JSON", "large", "names no host", "large, names no host"


class Keeper:
    """Takes events all or none, by their id once; `outages` are how often it cannot."""

    def __init__(self, outages=0):
        self.events = {}
        self.memory = {}
        self.outages = outages
        self.calls = 0

    async def recall_keys(self, keys):
        return {key: self.memory[key] for key in keys if key in self.memory}

    async def recall(self, prefix):
        return {key: value for key, value in self.memory.items() if key.startswith(prefix)}

    async def keep(self, events, remember, heard=()):
        self.calls += 1
        await asyncio.sleep(0)
        if self.outages:
            self.outages -= 1
            raise IntakeUnavailable("the disk is full")
        for event in events:
            if len(written(event)) > LARGEST or event.type.startswith("case."):
                raise EventRefused(f"event {event.id}: refused", event)
        for event in events:
            self.events.setdefault(event.id, event)
        self.memory.update(remember)
        self.memory = {key: value for key, value in self.memory.items() if value is not None}


class Patience:
    def __init__(self):
        self.failures, self.is_well = [], True

    async def failed(self, error):
        self.failures.append(error)
        self.is_well = False

    def well(self):
        self.is_well = True


class Reader:
    """Reads as the real one does, without asking anybody for hosts."""

    async def read(self, messages):
        return [self._reading(message) for message in messages]

    def _reading(self, message):
        try:
            return Reading(message, events_of(message, adapter=None, settings={}, kinds=KINDS, context=self._context(message), envelopes=True))
        except InvalidEvent as error:
            return Reading(message, unread=Unread.of(error))

    def put_aside(self, message, unread, shortening):
        return put_aside(message, "eventops.fifo", unread, self._context(message), shortening=shortening)

    def _context(self, message):
        return AdapterContext(SOURCE, "2026-01-31T12:00:00Z", ids_of(message.id))


def body(what):
    if what == POISON:
        return "hello"
    if what in (HOSTLESS, LARGE_HOSTLESS):
        return json.dumps({"AlarmName": "5xx", "NewStateValue": "ALARM", "NewStateReason": "x" * (2 * LARGEST if what == LARGE_HOSTLESS else 1)})
    data = {"text": "x" * 2 * LARGEST} if what == LARGE else {}
    return json.dumps({"specversion": "1.0", "type": "request.report", "data": data})


def message(sequence, what="good", group=None, receives=1):
    return Message(f"{group}/{sequence}", body(what), f"receipt {group}/{sequence}/{receives}", receives=receives, group=group, sequence=sequence)


def store(*messages, keeper=None, patience=None, left_behind=None):
    keeper = keeper or Keeper()
    storing = Storing(keeper, Reader(), left_behind or LeftBehind(100, lambda: 0.0), patience or Patience(), MAX_RECEIVES)
    return asyncio.run(storing.store(messages)), keeper


def test_what_can_be_kept_is_kept_in_one_transaction():
    messages = [message(number) for number in range(10)]
    stored, keeper = store(*messages)
    assert stored.kept == messages and not stored.left and not stored.later
    assert list(keeper.events) == [each.id for each in messages]
    assert keeper.calls == 1


def test_one_that_cannot_be_read_does_not_hold_up_the_others():
    messages = [message(1), message(2, POISON), message(3)]
    stored, keeper = store(*messages)
    assert stored.kept == [messages[0], messages[2]]
    assert list(stored.left) == [messages[1]] and "no JSON" in stored.left[messages[1]]
    assert keeper.calls == 1


def test_nor_does_one_that_is_refused():
    messages = [message(1), message(2, LARGE), message(3), message(4, LARGE)]
    stored, keeper = store(*messages)
    assert stored.kept == [messages[0], messages[2]]
    assert list(stored.left) == [messages[1], messages[3]] and "refused" in stored.left[messages[1]]
    assert list(keeper.events) == [messages[0].id, messages[2].id]


def test_after_some_times_it_is_put_aside_with_the_reason():
    for what in (POISON, LARGE):
        messages = [message(1), message(2, what, receives=MAX_RECEIVES)]
        stored, keeper = store(*messages)
        assert stored.kept == messages and not stored.left
        event = keeper.events[messages[1].id]
        assert event.type == RECEIVED and event.data["message_id"] == messages[1].id
        assert ("no JSON" if what == POISON else "refused") in event.extra[UNREAD]
        assert word_of(event) == UNREADABLE


def test_one_that_names_no_host_is_put_aside_with_its_first_receipt():
    messages = [message(1), message(2, HOSTLESS), message(3, LARGE_HOSTLESS), message(4)]
    stored, keeper = store(*messages)
    assert stored.kept == messages and not stored.left
    assert list(stored.aside) == messages[1:3] and all("leads to a host" in reason for reason in stored.aside.values())
    for each in messages[1:3]:
        event = keeper.events[each.id]
        assert event.type == RECEIVED and "the alarm '5xx'" in event.extra[UNREAD] and event.data["receives"] == 1
        assert word_of(event) == NO_HOST


def test_and_does_not_hold_up_its_group():
    messages = [message(1, group="a"), message(2, HOSTLESS, "a"), message(3, group="a")]
    stored, keeper = store(*messages)
    assert stored.kept == messages and not stored.later
    assert list(keeper.events) == [each.id for each in messages]


def test_but_not_before_what_came_before_it():
    first, second = message(1, POISON, "a"), message(2, HOSTLESS, "a")
    stored, keeper = store(first, second)
    assert list(stored.left) == [first] and stored.later == [second] and not stored.aside and not keeper.events


def test_what_is_too_large_is_made_shorter_and_keeps_its_own_reason():
    poison = Message("1", "x" * 2 * LARGEST, "receipt", receives=MAX_RECEIVES)
    stored, keeper = store(poison)
    assert stored.kept == [poison]
    assert "no JSON" in keeper.events["1"].extra[UNREAD]
    assert keeper.events["1"].data["body_characters"] == 2 * LARGEST


def test_what_cannot_be_put_aside_either_stays_in_the_queue():
    class Refusing(Keeper):
        async def keep(self, events, remember, heard=()):
            for event in events:
                if event.id == "None/2":
                    raise EventRefused("never", event)
            await super().keep(events, remember, heard)

    messages = [message(1), message(2, POISON, receives=MAX_RECEIVES)]
    stored, keeper = store(*messages, keeper=Refusing())
    assert stored.kept == [messages[0]] and list(stored.left) == [messages[1]]
    assert list(keeper.events) == [messages[0].id]


def test_a_store_that_cannot_be_written_is_waited_for():
    patience = Patience()
    messages = [message(1), message(2, POISON), message(3)]
    stored, keeper = store(*messages, keeper=Keeper(outages=7), patience=patience)
    assert stored.kept == [messages[0], messages[2]]
    assert len(patience.failures) == 7 and patience.is_well
    assert len(keeper.events) == 2


def test_what_comes_after_it_in_its_group_is_left_too():
    a1, b1, a2, b2, a3 = (message(1, POISON, "a"), message(2, group="b"), message(3, group="a"), message(4, group="b"), message(5, POISON, "a"))
    stored, keeper = store(a1, b1, a2, b2, a3)
    assert stored.kept == [b1, b2]
    assert a1 in stored.left
    assert list(stored.left) == [a1] and stored.later == [a2, a3]
    assert list(keeper.events) == [b1.id, b2.id]


def test_nothing_is_put_aside_before_what_came_before_it():
    first, second = message(1, POISON, "a"), message(2, POISON, "a", receives=MAX_RECEIVES)
    stored, keeper = store(first, second)
    assert list(stored.left) == [first] and stored.later == [second] and not keeper.events


def test_what_comes_after_one_that_was_left_before_is_not_even_read():
    left_behind = LeftBehind(100, lambda: 0.0)
    left_behind.note(message(1, POISON, "a"), until=10)
    a2, b3 = message(2, POISON, "a", receives=MAX_RECEIVES), message(3, group="b")
    stored, keeper = store(a2, b3, left_behind=left_behind)
    assert stored.kept == [b3] and stored.waiting == [a2] and not stored.left
    assert list(keeper.events) == [b3.id]


class Fifo:
    """A FIFO queue at its worst: it gives what is visible of a group although something before it is not."""

    def __init__(self, messages):
        self.messages = list(messages)
        self.receives = defaultdict(int)
        self.visible_at = defaultdict(float)

    def receive(self, now, random):
        found = [each for each in self.messages if self.visible_at[each.id] <= now][: random.randint(1, 10)]
        given_ = []
        for each in found:
            self.receives[each.id] += 1
            given_.append(Message(each.id, each.body, f"{each.id} {self.receives[each.id]}", self.receives[each.id], None, each.group, each.sequence))
        return given_


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["good", "good", "good", POISON, LARGE, HOSTLESS, LARGE_HOSTLESS])), max_size=30),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_each_message_is_kept_once_and_each_group_in_its_order(sent, outages, random):
    clock = {"now": 0.0}
    queue = Fifo(message(number, what, group) for number, (group, what) in enumerate(sent))
    expected = {each.id: each for each in queue.messages}
    keeper, left_behind = Keeper(outages), LeftBehind(1000, lambda: clock["now"])
    storing = Storing(keeper, Reader(), left_behind, Patience(), MAX_RECEIVES)

    async def story():
        for _round in range(2000):
            if not queue.messages:
                return
            clock["now"] += 1
            if not (some := queue.receive(clock["now"], random)):
                continue
            stored = await storing.store(some)
            left_behind.settled(stored.kept)
            for each in stored.left:
                left_behind.note(each, clock["now"] + random.randint(1, 20))
                queue.visible_at[each.id] = clock["now"] + random.randint(1, 20)
            gone = {each.id for each in stored.kept}
            # Now and then a deletion fails, and what is known comes again.
            queue.messages = [each for each in queue.messages if each.id not in gone or random.random() < 0.2]
        raise AssertionError(f"the queue is never empty: {queue.messages}")

    asyncio.run(story())
    assert keeper.events.keys() == expected.keys()
    for group in "abc":
        kept = [expected[id_].sequence for id_ in keeper.events if expected[id_].group == group]
        assert kept == sorted(kept)
    for id_, event in keeper.events.items():
        number = expected[id_].sequence
        assert (event.type == RECEIVED) == (sent[number][1] != "good")


def change(state, minute, arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:cpu", **more):
    """An alarm's change as SQS gives it from EventBridge."""
    event = {
        "id": f"{state}-{minute}",
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "account": "123456789012",
        "region": "us-east-1",
        "time": "2026-01-31T13:00:00Z",
        "resources": [arn],
        "detail": {
            "alarmName": "cpu",
            "state": {"value": state, "timestamp": f"2026-01-31T12:{minute:02}:00.000+0000"},
            "configuration": {"metrics": [{"metricStat": {"metric": {"name": "CPU", "namespace": "x", "dimensions": {"InstanceId": "i-1"}}}}]},
        },
    }
    return Message(f"m-{state}-{minute}", json.dumps({**event, **more}), "receipt")


def told(keeper):
    return [(event.type, event.id) for event in keeper.events.values()]


def test_a_change_of_an_alarm_that_comes_after_a_newer_one_is_not_told():
    _stored, keeper = store(change("ALARM", 1), change("ALARM", 3))
    late, _keeper = store(change("OK", 2), keeper=keeper)  # of another life, even
    assert told(keeper) == [("alert.firing", "ALARM-1"), ("alert.firing", "ALARM-3"), (RECEIVED, "OK-2")]
    assert "comes too late: a newer change of the alarm, at 2026-01-31T12:03:00" in keeper.events["OK-2"].extra[UNREAD]
    assert word_of(keeper.events["OK-2"]) == LATE
    assert late.kept == [change("OK", 2)], "it is deleted from the queue"
    store(change("OK", 4), keeper=keeper)
    assert told(keeper)[-1] == ("alert.resolved", "OK-4")


def test_a_beginning_that_comes_after_its_end_opens_nothing():
    _stored, keeper = store(change("OK", 2), change("ALARM", 1))
    assert told(keeper) == [("alert.resolved", "OK-2"), (RECEIVED, "ALARM-1")]


def test_what_was_told_and_comes_again_is_known_and_no_other_alarm_is_held_back():
    _stored, keeper = store(change("ALARM", 1), change("OK", 2))
    store(change("ALARM", 1), keeper=keeper)
    store(change("ALARM", 1, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:other", id="another"), keeper=keeper)
    assert told(keeper) == [("alert.firing", "ALARM-1"), ("alert.resolved", "OK-2"), ("alert.firing", "another")]


@given(st.permutations([("ALARM", 1), ("OK", 2), ("ALARM", 3), ("OK", 4)]), st.integers(0, 2))
def test_whichever_receivers_get_them_in_which_order_the_last_that_is_told_is_the_newest(changes, outages):
    keeper = Keeper(outages)
    storing = Storing(keeper, Reader(), LeftBehind(100, lambda: 0.0), Patience(), MAX_RECEIVES)

    async def receivers():
        await asyncio.gather(*(storing.store([change(*each)]) for each in changes))

    asyncio.run(receivers())
    assert len(keeper.events) == 4
    assert [event_id for type_, event_id in told(keeper) if type_ != RECEIVED][-1] == "OK-4"


def test_nobody_silences_an_alarm_by_a_change_that_is_yet_to_come():
    """Remembered as the newest, it would make all that really come too late."""
    forged = replace(change("OK", 59, id="forged"), sent_at="2026-01-31T12:01:00Z")
    real = replace(change("ALARM", 2), sent_at="2026-01-31T12:02:01Z")
    stored, keeper = store(forged)
    assert list(stored.left) == [forged] and "yet to come" in stored.left[forged]

    store(replace(forged, receives=MAX_RECEIVES), keeper=keeper)
    store(real, keeper=keeper)

    assert told(keeper)[-1] == ("alert.firing", "ALARM-2")
    assert keeper.events[forged.id].type == RECEIVED


def test_an_alarm_that_has_been_quiet_for_longer_than_a_message_can_be_late_is_forgotten():
    _stored, keeper = store(change("ALARM", 1), change("ALARM", 3, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:other", id="another"))
    storing = Storing(keeper, Reader(), LeftBehind(100, lambda: 0.0), Patience(), MAX_RECEIVES)
    a_day_after = datetime(2026, 2, 1, 12, tzinfo=UTC)
    asyncio.run(storing.forget(a_day_after))
    assert len(keeper.memory) == 2
    asyncio.run(storing.forget(datetime(2026, 5, 1, 12, 2, tzinfo=UTC)))
    assert list(keeper.memory.values()) == [keeper.events["another"].time]


def test_what_is_told_of_an_alarm_while_it_is_about_to_be_forgotten_is_remembered():
    _stored, keeper = store(change("ALARM", 1))
    keeper.memory = dict.fromkeys(keeper.memory, "2025-01-31T12:00:00Z")
    storing = Storing(keeper, Reader(), LeftBehind(100, lambda: 0.0), Patience(), MAX_RECEIVES)

    async def both():
        await asyncio.gather(storing.store([change("OK", 2)]), storing.forget(datetime(2026, 1, 31, 13, tzinfo=UTC)))

    asyncio.run(both())
    assert list(keeper.memory.values()) == [keeper.events["OK-2"].time]
