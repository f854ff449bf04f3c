# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Messages of a standard queue: each is kept once, and deleted only then."""

from __future__ import annotations

import asyncio
import json
import logging
import time

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch
from ansible_collections.eventops.infra.tests.doubles.aws import faulty

from .queue_taken import LARGEST_EVENT, envelope


def test_each_message_is_kept_once_in_few_requests(taken, aws):
    queue, number = taken(receivers=4, wait_seconds=5).create(), 200
    queue.send(envelope(f"message {each}") for each in range(number))
    aws.forget_calls()

    async def story():
        async with queue.running():
            await queue.until(queue.is_empty)

    asyncio.run(story())
    assert sorted(queue.subjects()) == sorted(f"message {each}" for each in range(number))
    calls = aws.calls()
    # Ten at a time, and some more requests that find the queue empty.
    assert calls["DeleteMessageBatch"] <= number / 10 + 4 and not calls["DeleteMessage"]
    assert calls["ReceiveMessage"] <= number / 10 + 12


def test_while_there_is_nothing_one_receiver_asks(taken, aws):
    queue = taken(receivers=8).create()

    async def story():
        async with queue.running():
            queue.send([envelope("first")])
            await queue.until(queue.subjects)
            await asyncio.sleep(2.5)
            aws.forget_calls()
            await asyncio.sleep(3)

    asyncio.run(story())
    assert aws.calls()["ReceiveMessage"] <= 4, "one each second, and no eight"


def test_what_the_store_cannot_take_waits_invisible_and_is_received_once(taken, aws):
    queue = taken(visibility_seconds=2).create()
    queue.send(envelope(f"message {each}") for each in range(30))

    async def story():
        queue.store.is_away = True
        async with queue.running():
            await queue.until(lambda: queue.counts() == (0, 30))
            for _second in range(6):
                await asyncio.sleep(1)
                assert queue.counts() == (0, 30), "its time has run out, or it was deleted"
            assert queue.troubles and queue.store.refusals
            assert aws.calls()["DeleteMessageBatch"] == 0
            queue.store.is_away = False
            await queue.until(queue.is_empty)
            await queue.until(lambda: not queue.troubles)

    asyncio.run(story())
    assert len(queue.subjects()) == len(set(queue.subjects())) == 30
    assert aws.calls()["ChangeMessageVisibilityBatch"] >= 6


def test_memory_is_bounded_while_the_store_is_away(taken):
    queue = taken(receivers=3, visibility_seconds=10).create()
    queue.send(envelope(f"message {each}") for each in range(100))

    async def story():
        queue.store.is_away = True
        async with queue.running():
            await queue.until(lambda: queue.counts() == (70, 30))
            await asyncio.sleep(2)
            assert queue.counts() == (70, 30)

    asyncio.run(story())


def test_what_is_in_hand_is_given_back_when_the_source_is_stopped(taken):
    queue = taken(visibility_seconds=600).create()
    queue.send(envelope(f"message {each}") for each in range(25))

    async def story():
        queue.store.is_away = True
        async with queue.running():
            await queue.until(lambda: queue.counts() == (0, 25))
            await asyncio.sleep(1)  # what is still on its way to us is in nobody's hand
        assert queue.counts() == (25, 0)

    asyncio.run(story())


def test_what_is_kept_is_deleted_when_the_source_is_stopped_at_once(taken, aws):
    queue = taken(visibility_seconds=600).create()
    queue.send([envelope("only")])

    async def story():
        with faulty(aws.url) as proxy:
            proxy.fail("delay", calls=["DeleteMessageBatch"], seconds=1)
            through = taken(url=proxy.url, visibility_seconds=600)
            async with through.running():
                await queue.until(through.subjects, 20)
        assert queue.is_empty()

    queue.close()
    asyncio.run(story())


def test_a_message_that_could_not_be_deleted_comes_again_and_is_known(taken, aws):
    with faulty(aws.url) as proxy:
        queue = taken(url=proxy.url, visibility_seconds=2).create()
        queue.send(envelope(f"message {each}") for each in range(20))

        async def story():
            denied = proxy.fail("denied", calls=["DeleteMessageBatch"])
            async with queue.running():
                await queue.until(lambda: denied.hits and len(queue.events()) == 20)
                received = proxy.calls["ReceiveMessage"]
                await queue.until(lambda: "queues[0] (deleting)" in queue.troubles)
                await queue.until(lambda: proxy.calls["ReceiveMessage"] > received + 4)
                proxy.heal()
                await queue.until(queue.is_empty)
                await queue.until(lambda: not queue.troubles)

        asyncio.run(story())
    assert len(queue.events()) == 20


def test_a_deletion_that_was_carried_out_although_its_answer_was_lost(taken, aws):
    with faulty(aws.url) as proxy:
        queue = taken(url=proxy.url).create()
        queue.send(envelope(f"message {each}") for each in range(20))

        async def story():
            for kind in ("internal", "reset", "cut off"):
                proxy.fail(kind, calls=["DeleteMessageBatch"], times=2, **({"after": True} if kind != "cut off" else {}))
            async with queue.running():
                await queue.until(queue.is_empty)
                await queue.until(lambda: not queue.troubles)

        asyncio.run(story())
    assert len(queue.events()) == 20


def test_one_that_cannot_be_read_holds_up_nobody_and_is_put_aside(taken):
    queue = taken(max_receives=2, visibility_seconds=1).create()
    bodies = [envelope(f"message {each}") for each in range(19)]
    queue.send([*bodies[:5], "hello", *bodies[5:]])

    async def story():
        async with queue.running():
            await queue.until(queue.is_empty)

    asyncio.run(story())
    aside = queue.events()[-1]
    assert len(queue.events()) == 20 and len(set(queue.subjects())) == 20
    assert aside.type == RECEIVED and aside.data["body"] == "hello" and aside.data["receives"] == 2
    assert "no JSON" in aside.extra[UNREAD]
    assert (queue.put_aside("unreadable"), queue.put_aside("no_host")) == (1, 0), "once, although it was received twice"


def test_one_that_is_too_large_for_the_store_is_put_aside_in_part(taken):
    queue = taken(max_receives=1).create()
    large = {"password": "hunter2", "text": "x" * 2 * LARGEST_EVENT}
    queue.send([envelope("small"), envelope("large", data=large), "password: hunter2\n" + "hello" * LARGEST_EVENT])

    async def story():
        async with queue.running():
            await queue.until(queue.is_empty)

    asyncio.run(story())
    aside = [event for event in queue.events() if event.type == RECEIVED]
    assert len(queue.events()) == 3 and len(aside) == 2
    assert all("max_event_bytes" in event.extra[UNREAD] or "no JSON" in event.extra[UNREAD] for event in aside)
    assert all(event.data["body_characters"] > LARGEST_EVENT > len(event.data["body"]) > 1000 for event in aside)
    assert "hunter2" not in json.dumps([event.to_mapping() for event in queue.events()])


def test_a_dead_letter_queue_that_is_quicker_gets_it_and_that_is_said_once(taken, aws, caplog):
    client = aws.client("sqs")
    dead = client.create_queue(QueueName="dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})}
    queue = taken(attributes=policy, max_receives=5, visibility_seconds=1).create()
    queue.send([envelope("good"), "hello"])

    async def story():
        async with queue.running():
            await queue.until(queue.is_empty)

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert queue.subjects() == ["good"]
    (message,) = client.receive_message(QueueUrl=dead)["Messages"]
    assert message["Body"] == "hello"
    assert sum(arn in record.getMessage() for record in caplog.records) == 1


def test_what_is_sent_by_eventbridge_and_by_sns_is_one_alarm(taken, aws):
    """The same case, whichever way it came: a rule of EventBridge, a topic, and a topic with raw delivery."""
    queue = taken().create()
    arn = queue.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns, events, cloudwatch = aws.client("sns"), aws.client("events"), aws.client("cloudwatch")
    topics = [sns.create_topic(Name=name)["TopicArn"] for name in ("plain", "raw")]
    for topic, raw in zip(topics, ("false", "true"), strict=True):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": raw})
    events.put_rule(Name="alarms", EventPattern=json.dumps({"source": ["aws.cloudwatch"]}))
    events.put_targets(Rule="alarms", Targets=[{"Id": "queue", "Arn": arn}])
    cloudwatch.put_metric_alarm(
        AlarmName="web-cpu",
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Dimensions=[{"Name": "InstanceId", "Value": "i-12345678901234567"}],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=90,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=topics,
        OKActions=topics,
    )
    aws.alarm("web-cpu", "ALARM", value=99.0)
    aws.alarm("web-cpu", "OK", value=9.0)
    sns.publish(TopicArn=topics[0], Message="hello", Subject="Greetings")

    async def story():
        async with queue.running():
            await queue.until(lambda: len(queue.events()) == 7)
            await queue.until(queue.is_empty)

    asyncio.run(story())
    (greeting,) = [event for event in queue.events() if event.type == "aws.sns.notification"]
    assert greeting.subject == "Greetings"
    alarms = [event for event in queue.events() if event is not greeting]
    assert sorted(event.type for event in alarms) == ["alert.firing"] * 3 + ["alert.resolved"] * 3
    assert len({event.dedup_key for event in alarms}) == 1
    assert {event.hosts for event in alarms} == {("i-12345678901234567",)}
    assert {event.source for event in queue.events()} == {f"aws:sqs:eu-central-1:{queue.name}"}


def test_what_is_remembered_of_an_alarm_is_forgotten_when_it_has_been_quiet_for_long(taken):
    queue = taken().create()
    store = queue.store.store
    store.run_now(lambda tx: tx.remember("aws", {"newest/gone": "2020-01-31T12:00:00Z", "newest/lately": from_epoch(time.time() - 86_400)}))

    async def story():
        async with queue.running():
            await queue.until(lambda: "newest/gone" not in store.run_now(lambda tx: tx.recall("aws", "newest/")))

    asyncio.run(story())
    assert list(store.run_now(lambda tx: tx.recall("aws", "newest/"))) == ["newest/lately"]
