# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS does not do what it was asked: it is said, waited for, and nothing is lost; the source goes on."""

from __future__ import annotations

import asyncio

import pytest

from .queue_taken import envelope

NUMBER = 60


@pytest.fixture
def queue(taken, proxy):
    """Return a queue with its intake, which reaches it through the proxy."""
    return taken(url=proxy.url, visibility_seconds=2)


def messages():
    return [envelope(f"message {each:02}") for each in range(NUMBER)]


def assert_each_is_kept_once(queue):
    assert sorted(queue.subjects()) == [body["subject"] for body in messages()]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("throttled", "RequestThrottled|Throttl"),
        ("expired", "the credentials are not valid, or no longer"),
        ("skewed", "the clock of this machine is wrong"),
        ("denied", "somebody has to grant it"),
        ("internal", "queues|Internal"),
        ("unavailable", "Unavailable"),
        ("reset", "AWS does not answer as it should"),
        ("cut off", "AWS does not answer as it should"),
    ],
)
def test_what_fails_for_a_while_is_said_and_made_up_for(queue, proxy, kind, text):
    queue.create()
    queue.send(messages()[: NUMBER // 2])

    async def story():
        proxy.fail(kind)
        async with queue.running():
            await queue.until(lambda: queue.troubles)
            assert list(queue.troubles) == ["queues[0]"], "one says it for all"
            said = queue.troubles["queues[0]"]
            assert any(each in said for each in text.split("|")), said
            assert said.startswith("tests/eu-central-1: ")
            queue.send(messages()[NUMBER // 2 :])
            proxy.heal()
            await queue.until(lambda: queue.is_empty() and not queue.troubles)

    asyncio.run(story())
    assert_each_is_kept_once(queue)


@pytest.mark.parametrize("kind", ["throttled", "internal", "reset", "cut off"])
@pytest.mark.parametrize("after", [False, True], ids=["", "carried out"])
def test_what_fails_now_and_then_loses_nothing(queue, proxy, kind, after):
    queue.create()
    queue.send(messages())

    async def story():
        proxy.fail(kind, share=0.4, **({"after": after} if kind != "cut off" else {}))
        async with queue.running():
            await queue.until(queue.is_empty, 120)

    asyncio.run(story())
    assert_each_is_kept_once(queue)


def test_an_endpoint_that_is_down_is_waited_for(queue, proxy):
    queue.create()
    queue.send(messages())

    async def story():
        async with queue.running() as task:
            await queue.until(queue.events)
            with proxy.down():
                await queue.until(lambda: queue.troubles)
                await asyncio.sleep(4)
                assert not task.done()
            await queue.until(lambda: queue.is_empty() and not queue.troubles)

    asyncio.run(story())
    assert_each_is_kept_once(queue)


def test_an_endpoint_that_is_down_holds_up_no_stop(queue, proxy):
    queue.create()
    queue.send(messages())

    async def story():
        queue.store.is_away = True
        # It stays down: a stop that waited for it would never end.
        async with asyncio.timeout(120), queue.running():
            await queue.until(lambda: queue.store.refusals)
            await asyncio.to_thread(proxy.down().__enter__)

    asyncio.run(story())


def test_a_queue_that_is_not_there_yet_is_waited_for(queue):
    async def story():
        async with queue.running():
            await queue.until(lambda: "queues[0]" in queue.troubles)
            assert "NonExistentQueue" in queue.troubles["queues[0]"] or "QueueDoesNotExist" in queue.troubles["queues[0]"]
            queue.create()
            queue.send(messages())
            await queue.until(lambda: queue.is_empty() and not queue.troubles)

    asyncio.run(story())
    assert_each_is_kept_once(queue)


def test_a_request_that_hangs_holds_up_no_other(queue, proxy):
    queue.create()
    queue.send(messages())

    async def story():
        proxy.fail("hang", calls=["ReceiveMessage"], times=2, seconds=5)
        async with queue.running():
            await queue.until(lambda: proxy.calls["ReceiveMessage"] >= 1)
            await queue.until(queue.is_empty, 60)

    asyncio.run(story())
    assert_each_is_kept_once(queue)
