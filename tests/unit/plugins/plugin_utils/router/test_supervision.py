# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Supervision of children, in time that the test makes pass."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.router import supervision
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.supervision import Child, supervise


class Queue:
    main_task = None


def run_child(main, *, each_run_seconds: float = 0.0, starts: int = 9) -> list[float]:
    """Run a child until it has been started so many times; return the pauses between the starts."""
    clock, pauses = [0.0], []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds
        if len(pauses) == starts:
            raise asyncio.CancelledError

    async def timed(queue, args):
        clock[0] += each_run_seconds
        await main(queue, args)

    async def scenario() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(supervision.asyncio, "sleep", sleep)
            patch.setattr(supervision.time, "monotonic", lambda: clock[0])
            config = ChildConfig("child", "x.y.z", {"items": [1]}, None, {}, (), "sources[0]")
            with contextlib.suppress(asyncio.CancelledError):
                await supervise(Child(config, timed, Queue()))

    asyncio.run(scenario())
    return pauses


async def fails(queue, args) -> None:
    raise OSError("address in use")


def test_pauses_double_up_to_a_minute():
    assert run_child(fails) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_five_minutes_of_health_begin_them_anew():
    assert run_child(fails, each_run_seconds=300) == [1] + [1] * 8


async def fails_in_a_group(queue, args) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails(queue, args))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def test_a_child_whose_task_group_fails_has_failed_and_was_not_told_to_stop():
    assert run_child(fails_in_a_group, starts=2) == [1, 2]


def test_a_child_that_exits_or_cancels_itself_is_started_again():
    async def exits(queue, args) -> None:
        raise SystemExit(3)

    async def cancels(queue, args) -> None:
        raise asyncio.CancelledError

    assert run_child(exits, starts=2) == [1, 2]
    assert run_child(cancels, starts=2) == [1, 2]


def test_each_start_gets_the_arguments_as_they_were_written():
    seen = []

    async def spoils(queue, args) -> None:
        seen.append(list(args["items"]))
        args["items"].append(2)
        raise ValueError

    run_child(spoils, starts=3)
    assert seen == [[1]] * 3


def test_a_child_that_returns_has_finished():
    async def returns(queue, args) -> None:
        assert queue.main_task is asyncio.current_task()

    assert run_child(returns) == []


def test_a_child_that_raises_while_it_is_stopped_is_not_started_again():
    starts = []

    async def untidy(queue, args) -> None:
        starts.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            raise ProcessLookupError

    async def scenario() -> None:
        child = Child(ChildConfig("child", "x.y.z", {}, None, {}, (), "sources[0]"), untidy, Queue())
        task = asyncio.create_task(supervise(child))
        while not starts:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait_for(asyncio.wait([task]), 5)
        assert task.cancelled()

    asyncio.run(scenario())
    assert starts == [1]


def test_a_mistake_in_our_own_sources_arguments_is_not_tried_again():
    async def mistaken(queue, args) -> None:
        raise ConfigurationError([("intervall", "unknown key, did you mean interval?")])

    with pytest.raises(ConfigurationError, match=r"sources\[0\].x.y.z.intervall: unknown key"):
        run_child(mistaken)


def test_it_is_known_how_a_child_fares():
    async def main(queue, args) -> None:
        if len(seen) < 2:
            seen.append(replace(child.condition))
            raise OSError("connecting to amqp://me:hunter22@broker failed,\n  the key is s3cr3t-key")
        seen.append(replace(child.condition))

    seen: list[Condition] = []
    args = {"tls": {"private_key": "s3cr3t-key"}, "port": 5}
    child = Child(ChildConfig("child", "x.y.z", args, None, {}, (), "sources[0]"), main, Queue())
    assert child.condition.state == "not started"

    async def scenario() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(supervision, "_FIRST_PAUSE_SECONDS", 0)
            await supervise(child)

    asyncio.run(scenario())
    assert [(each.state, each.restarts) for each in seen] == [("running", 0), ("running", 1), ("running", 2)]
    assert (child.condition.state, child.condition.restarts) == ("finished", 2)
    assert child.condition.last_error == "OSError: connecting to amqp://me:[redacted]@broker failed, the key is [redacted]"
    assert 0 < child.condition.last_error_at <= child.condition.since
