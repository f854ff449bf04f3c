# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Supervision: a child source that fails is started again, and never takes the rulebook with it."""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError

from .child_queue import ChildQueue
from .condition import Condition, without_secrets
from .config import ChildConfig

logger = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_HEALTHY_AFTER_SECONDS = 300.0  # a child that ran this long begins its pauses anew


@dataclass(frozen=True)
class Child:
    """A source that the router hosts: its configuration, its plugin's `main`, the queue that it is given, and how it fares."""

    config: ChildConfig
    main: Callable[[ChildQueue, dict], Awaitable[None]]
    queue: ChildQueue
    condition: Condition = field(default_factory=Condition)


async def _run(child: Child) -> SystemExit | None:
    """Run a child's `main`; return its exit, which raised out of a task would end the event loop."""
    try:
        # A copy for each start: stock sources change their arguments.
        await child.main(child.queue, copy.deepcopy(dict(child.config.args)))
    except SystemExit as exited:
        return exited
    return None


async def supervise(child: Child) -> None:
    """Run a child until it returns, starting it again after 1 s, 2 s, 4 s ... 60 s when it fails.

    Raises ConfigurationError when a source of ours finds a mistake in its arguments: that does not mend itself.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        began = time.monotonic()
        child.condition.started(time.time())
        try:
            # A task of its own: a task group in there that fails leaves its task marked as cancelled (Python 3.11), and this one is marked
            # only when it is told to stop.
            child.queue.main_task = asyncio.create_task(_run(child), name=f"eventops source {child.config.name}")
            if (exited := await child.queue.main_task) is not None:
                raise exited
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            if asyncio.current_task().cancelling():  # told to stop; what it raised while cleaning up changes nothing
                raise asyncio.CancelledError from error
            if isinstance(error, ConfigurationError):
                where = f"{child.config.where}.{child.config.plugin}"
                raise ConfigurationError([(f"{where}.{path}" if path else where, text) for path, text in error.mistakes]) from error
            failure = without_secrets(f"{type(error).__name__}: {error}", dict(child.config.args))
        else:
            child.condition.finished(time.time())
            logger.info("%s: the source has finished", child.config.name)
            return
        if time.monotonic() - began >= _HEALTHY_AFTER_SECONDS:
            pause = _FIRST_PAUSE_SECONDS
        child.condition.failed(failure, time.time())
        logger.error("%s: the source %s failed, next start in %g s: %s", child.config.name, child.config.plugin, pause, failure)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
