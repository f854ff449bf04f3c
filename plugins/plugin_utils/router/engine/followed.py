# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events whose actions are followed, each by its uuid, however many are in the engine at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import internals
from .performed import PLAYBOOK_ACTIONS, Performed


@dataclass(eq=False)
class Followed:
    """One event on its way: what has become of it so far.

    Matches are rules that took it. They are counted when the engine makes them and when their actions' task starts, so that none is overlooked
    in between. A match is `held` while it is asked whether its actions may begin.
    """

    uuid: str
    hosts: list[str]
    began: Callable[[int], None]
    matches: int = 0
    started: int = 0
    held: int = 0
    parked: bool = False
    given_up: bool = False
    tasks: list[asyncio.Task] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    # It is known whether a rule took it at once; where it was parked, that is written down.
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def running(self) -> list[asyncio.Task]:
        return [task for task in self.tasks if not task.done()]

    def matched(self) -> None:
        self.matches += 1
        self.changed.set()

    def performed(self, *, cut_off: bool = False) -> Performed:
        """Sum up what the engine did."""
        performed = Performed(fired=bool(self.matches or self.errors), errors=list(self.errors), cut_off=cut_off)
        for task in self.tasks:
            if action := internals.action_of(task):
                performed.actions.append(action)
            if task.cancelled():
                performed.cut_off = True
            elif task.exception() is not None:
                performed.errors.append(str(task.exception()))
        return performed


class FollowedEvents(set):
    """The runner's set of active actions, which also tells those of an event to whoever follows it."""

    def __init__(self, ruleset: internals.RunningRuleset) -> None:
        super().__init__()
        self._ruleset = ruleset
        self._followed: dict[str, Followed] = {}
        self._of_tasks: dict[asyncio.Task, list[Followed]] = {}
        self._errors = _ErrorsLogged(self)

    @contextmanager
    def follow(self, uuid: str, hosts: list[str], began: Callable[[int], None]) -> Iterator[Followed]:
        """Follow an event while entered; `began` is called for each rule whose actions start, with the number of playbooks among them."""
        followed = Followed(uuid, hosts, began)
        if not self._followed:
            self._errors.start()
        self._followed[uuid] = followed
        try:
            yield followed
        finally:
            del self._followed[uuid]
            followed.settled.set()
            for task in followed.tasks:
                self._of_tasks.pop(task, None)
            if not self._followed:
                self._errors.stop()

    def get(self, uuid: str) -> Followed | None:
        """Return an event that is followed."""
        return self._followed.get(uuid)

    def all(self) -> list[Followed]:
        """List the events that are followed."""
        return list(self._followed.values())

    def acting(self) -> list[Followed]:
        """Return the events that the action which calls this is for."""
        return self._of_tasks.get(asyncio.current_task(), [])

    def being_read(self) -> list[Followed]:
        """Return the event that the engine is matching, when that is what calls this."""
        followed = self._followed.get(uuid_of(self._ruleset.event_being_read()))
        return [followed] if followed else []

    def add(self, task: asyncio.Task) -> None:
        super().add(task)
        is_one_of_several = bool(self.acting())  # started by the task that runs them one after another
        playbooks = sum(action in PLAYBOOK_ACTIONS for action in internals.action_names_of(task))
        for followed in self._of(internals.match_of(task)):
            followed.tasks.append(task)
            self._of_tasks.setdefault(task, []).append(followed)
            if not is_one_of_several:
                followed.started += 1
                followed.began(playbooks)
            followed.changed.set()

    def _of(self, match: object) -> list[Followed]:
        uuids = dict.fromkeys(uuid_of(event) for event in internals.events_of(match))
        return [followed for uuid in uuids if (followed := self._followed.get(uuid))]


def uuid_of(event: Mapping) -> str | None:
    """Return the uuid that an event is followed by: its own, or its dispatch's where the engine was given another."""
    meta = internals.meta_of(event)
    source = meta.get("source")
    return source["dispatch"] if isinstance(source, Mapping) and "dispatch" in source else meta.get("uuid")


class _ErrorsLogged(logging.Handler):
    """Give the errors that ansible-rulebook logs to the events that they are about."""

    def __init__(self, events: FollowedEvents) -> None:
        super().__init__(logging.ERROR)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        try:
            concerned = self._events.acting() or self._events.being_read()
        except RuntimeError:  # another thread's, which has no tasks
            return
        for followed in concerned:
            followed.errors.append(record.getMessage().strip()[-2000:])

    def start(self) -> None:
        for name in internals.LOGGERS:
            logging.getLogger(name).addHandler(self)

    def stop(self) -> None:
        for name in internals.LOGGERS:
            logging.getLogger(name).removeHandler(self)
