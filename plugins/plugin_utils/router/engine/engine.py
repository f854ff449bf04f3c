# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that we know of ansible-rulebook's inside. No other file may import it.

A source runs in ansible-rulebook's own process and event loop, so it can see what the engine does: which ruleset it feeds,
which actions run, whether a rule fired. None of this is a documented interface; tests/integration/test_engine_internals.py
checks each fact against the installed version, so that a new ansible-rulebook fails there and not in production.
"""

from __future__ import annotations

import asyncio
import logging
import runpy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from ansible_rulebook import collection as rulebook_collection
from ansible_rulebook import util as rulebook_util
from ansible_rulebook.condition_types import Identifier, OperatorExpression
from ansible_rulebook.conf import settings as rulebook_settings
from ansible_rulebook.exception import SourceFilterNotFoundException, SourcePluginNotFoundException
from ansible_rulebook.messages import Shutdown
from ansible_rulebook.rule_set_runner import RuleSetRunner
from ansible_rulebook.rule_types import ExecutionStrategy
from drools import ruleset as drools
from drools.exceptions import RulesetNotFoundError
from drools.rule import Rule as SessionRule

from .performed import PLAYBOOK_ACTIONS, Performed
from .rule_reads import RuleReads, reads_of
from .ruleset import ACCUMULATE_WITHIN, ONCE_AFTER, ONCE_WITHIN, Action, Rule, Ruleset, Throttle

logger = logging.getLogger(__name__)

# Where ansible-rulebook says why an action failed.
_ACTION_LOGGERS = ("ansible_rulebook.rule_set_runner", "ansible_rulebook.action")

_SETTLED_SECONDS = 0.05  # an event's action, and a rule's next one, begin within a few turns of the loop; this is plenty
_LOOK_SECONDS = 0.005


class EngineChanged(Exception):
    """ansible-rulebook is not built the way this file expects."""


class UnknownPlugin(LookupError):
    """A source or filter plugin cannot be found."""


@dataclass(frozen=True)
class Surroundings:
    """What the ansible-rulebook around a source was started with."""

    source_name: str
    ruleset: Ruleset
    path_in_rulebook: str
    inventory: str | None
    persistent: bool
    shutdown_delay: float
    source_dirs: list[str]
    filter_dirs: list[str]


def surroundings() -> Surroundings:
    """Look around from within a source's `main`. Raises EngineChanged."""
    try:
        start_source = asyncio.current_task().get_coro().cr_frame.f_locals
        source = start_source["source"]
        startup = next(
            frame.f_locals["startup_args"]
            for task in asyncio.all_tasks()
            if (frame := task.get_coro().cr_frame) is not None and "startup_args" in frame.f_locals
        )
        ruleset = next(each for each in startup.rulesets if any(source is one for one in each.sources))
        position = next(number for number, one in enumerate(ruleset.sources) if one is source)
        return Surroundings(
            source_name=source.name,
            ruleset=described(ruleset),
            path_in_rulebook=f"{ruleset.name}: sources[{position}].{source.source_name}",
            inventory=startup.inventory or None,
            persistent=rulebook_settings.persistence_id is not None,
            shutdown_delay=float(start_source["shutdown_delay"]),
            source_dirs=[each for each in start_source["source_dirs"] if each],
            filter_dirs=[each for each in start_source["filter_dirs"] or [] if each],
        )
    except (AttributeError, KeyError, StopIteration) as error:
        raise EngineChanged(f"this version of ansible-rulebook does not start a source as expected: {error!r}") from error


def described(parsed) -> Ruleset:
    """Tell what the router must know of a ruleset that ansible-rulebook has parsed."""
    return Ruleset(
        name=parsed.name,
        parallel=parsed.execution_strategy is ExecutionStrategy.PARALLEL,
        rules=tuple(_rule(rule) for rule in parsed.rules if rule.enabled),
        events_ttl=parsed.default_events_ttl,
    )


def _rule(parsed) -> Rule:
    return Rule(
        name=parsed.name,
        when=parsed.condition.when,
        conditions=tuple(tuple(_identifiers(condition)) for condition in parsed.condition.value),
        actions=tuple(Action(action.action, action.action_args) for action in parsed.actions),
        timeout=parsed.condition.timeout,
        throttle=parsed.throttle and _throttle(parsed.throttle),
    )


def _throttle(parsed) -> Throttle:
    # The first that is given counts, in this order, which is the engine's.
    kind = next((kind for kind in (ONCE_WITHIN, ONCE_AFTER, ACCUMULATE_WITHIN) if getattr(parsed, kind)), ONCE_WITHIN)
    return Throttle(kind, getattr(parsed, kind) or "", tuple(parsed.group_by_attributes), parsed.threshold)


def _identifiers(condition) -> Iterator[str]:
    """Collect what a condition reads; the name that `events.first << ...` gives to an event is not read."""
    if isinstance(condition, Identifier):
        yield condition.value
    elif isinstance(condition, OperatorExpression) and condition.operator == "<<":
        yield from _identifiers(condition.right)
    elif isinstance(condition, (tuple, list)):
        for part in condition:
            yield from _identifiers(part)


def load_source(name: str, source_dirs: list[str]) -> Callable:
    """Return the `main` of a source plugin, found where ansible-rulebook finds it. Raises UnknownPlugin."""
    name = _routed(name, rulebook_collection.EVENT_SOURCE_OBJ_TYPE)
    paths = [Path(each, f"{name}.py") for each in source_dirs]
    if rulebook_util.has_builtin_source(name):
        paths.append(Path(rulebook_util.find_builtin_source(name)))
    elif "." in name and rulebook_collection.has_source(*rulebook_collection.split_collection_name(name)):
        paths.append(Path(rulebook_collection.find_source(*rulebook_collection.split_collection_name(name))))
    return _main(name, paths, "source")


def load_filter(name: str, filter_dirs: list[str]) -> Callable:
    """Return the `main` of an event filter, found where ansible-rulebook finds it. Raises UnknownPlugin."""
    name = _routed(name, rulebook_collection.EVENT_SOURCE_FILTER_OBJ_TYPE)
    paths = [Path(each, f"{name}.py") for each in (*filter_dirs, "event_filter")]
    if "." in name and rulebook_collection.has_source_filter(*rulebook_collection.split_collection_name(name)):
        paths.append(Path(rulebook_collection.find_source_filter(*rulebook_collection.split_collection_name(name))))
    elif rulebook_util.has_builtin_filter(name):
        paths.append(Path(rulebook_util.find_builtin_filter(name)))
    return _main(name, paths, "filter")


def _routed(name: str, kind: str) -> str:
    sources = kind == rulebook_collection.EVENT_SOURCE_OBJ_TYPE
    legacy = rulebook_collection.LEGACY_SOURCE_MAPPING if sources else rulebook_collection.LEGACY_FILTER_MAPPING
    missing = SourcePluginNotFoundException if sources else SourceFilterNotFoundException
    try:
        return rulebook_collection.apply_plugin_routing(name, kind, legacy, missing)
    except (SourcePluginNotFoundException, SourceFilterNotFoundException) as error:
        raise UnknownPlugin(str(error)) from error


def _main(name: str, paths: list[Path], kind: str) -> Callable:
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        raise UnknownPlugin(f"there is no {kind} plugin {name!r}; install its collection or correct the name")
    main = runpy.run_path(str(path)).get("main")
    if main is None:
        raise UnknownPlugin(f"the {kind} plugin {name!r} ({path}) has no function main")
    return main


class Engine:
    """The engine that a source feeds. `queue` is what ansible-rulebook gave to the source."""

    def __init__(self, queue: object, around: Surroundings, generation: str) -> None:
        self._queue = queue
        self._name = around.ruleset.name
        self._source_name = around.source_name
        self._persistent = around.persistent
        self._generation = generation
        self.parallel: bool = around.ruleset.parallel  # else the engine runs one action after another
        self.reads: RuleReads = reads_of(around.ruleset)
        self._runner: RuleSetRunner | None = None
        self._actions = _Actions()
        # From the first turn of the loop on, whatever the router does first: see _stand_in_front_of_rules.
        self._getting_ready = asyncio.create_task(self._get_ready(), name="eventops engine")

    async def ready(self) -> None:
        """Wait until the engine takes events."""
        await self._getting_ready

    async def _get_ready(self) -> None:
        while True:
            self._stand_in_front_of_rules()
            self._runner = self._find_runner()
            if self._runner is not None:
                break
            # The JVM's start blocks the loop, so few turns pass; with persistence none may be missed.
            await asyncio.sleep(0 if self._persistent else 0.01)
        self._actions.update(self._runner.active_actions)
        self._runner.active_actions = self._actions

    async def perform(self, event: Mapping, began: Callable[[int], None] = lambda _playbooks: None) -> Performed:
        """Put one event and wait until everything that it set off has ended.

        When a rule took it `began` is called, with the number of playbooks that the rule's actions start.
        The event's `meta.uuid` tells its actions from those of other events.
        """
        uuid = event["meta"]["uuid"]
        performed = Performed()
        with self._actions.of(uuid, event["meta"]["hosts"], began) as tasks, _errors_logged(tasks, performed.errors):
            await self._queue.put(self._unheard_of(event))
            await self._read()
            await self._over(uuid, tasks)
        for task in tasks:
            performed.take(task)
        performed.fired = bool(tasks)
        return performed

    async def stop_now(self) -> None:
        """Ask the engine to end and to cancel the actions that still run."""
        await self._source_queue.put(Shutdown(message="the router has drained", source_plugin=self._source_name, delay=0.0))

    def _unheard_of(self, event: Mapping) -> dict:
        """Give an event a uuid that the engine has never seen, with `--persistence-id`.

        There it ignores an event whose uuid is among the last that it has processed, in an earlier life too (five, or
        `drools_deduplication_window_size`), so that a dispatch could not go out again. Actions get the dispatch's own uuid
        back, see _Match.
        """
        if not self._persistent:
            return dict(event)
        meta = event["meta"]
        return {**event, "meta": {**meta, "uuid": str(uuid4()), "source": {**meta["source"], "dispatch": meta["uuid"]}}}

    async def _read(self) -> None:
        """Wait until the engine has taken the event off its queue; it matches it before it does anything else."""
        for _turn in range(10):
            await asyncio.sleep(0)
        while not self._source_queue.empty():
            await asyncio.sleep(_LOOK_SECONDS)

    async def _over(self, uuid: str, tasks: list[asyncio.Task]) -> None:
        """Wait until the engine has read the event and neither plans nor runs an action for it."""
        while True:
            number = len(tasks)
            if running := {task for task in tasks if not task.done()}:
                await asyncio.wait(running)
            await asyncio.sleep(_SETTLED_SECONDS)
            if len(tasks) == number and not self._planned(uuid):
                return

    def _planned(self, uuid: str) -> bool:
        """Tell whether a matched rule still waits for its turn."""
        return any(_is_of(item.rule_engine_results, uuid) for item in tuple(self._runner.ruleset_queue_plan.plan.queue._queue))

    @property
    def _source_queue(self) -> asyncio.Queue:
        return self._runner.ruleset_queue_plan.source_queue

    def _find_runner(self) -> RuleSetRunner | None:
        for task in asyncio.all_tasks():
            if task.get_name() == f"main_ruleset :: {self._name}":
                frame = task.get_coro().cr_frame
                runner = frame.f_locals.get("self") if frame else None
                if isinstance(runner, RuleSetRunner):
                    return runner
        return None

    def _stand_in_front_of_rules(self) -> None:
        """See every match before the ruleset's actions do.

        With `--persistence-id` the engine, after a crash, runs each action that it had not marked as done, although the playbook may
        have ended or be running still. Recovered matches arrive by a socket, at least a turn of the loop after the session was made:
        looking at each turn is early enough. That is before the router is ready for anything: it loads an inventory first, which
        takes seconds.
        """
        try:
            session = drools.RulesetCollection.get(self._name)
        except RulesetNotFoundError:
            return
        for name, rule in session._rules.items():
            if not isinstance(rule.callback, _Match):
                session._rules[name] = SessionRule(name, _Match(rule.callback, self._actions, self._name, self._source_name, self._generation))


@dataclass(eq=False)
class _Listener:
    """Who waits for the actions of one event, with its `meta.hosts`."""

    uuid: str
    hosts: list[str]
    began: Callable[[int], None]
    tasks: list[asyncio.Task] = field(default_factory=list)


class _Actions(set):
    """The runner's set of active actions, which also tells those of one event to whoever waits for them."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: dict[str, _Listener] = {}

    @contextmanager
    def of(self, uuid: str, hosts: list[str], began: Callable[[int], None]) -> Iterator[list[asyncio.Task]]:
        """Collect the tasks that belong to an event, while entered; call `began` for each rule that took it."""
        listener = self._listeners[uuid] = _Listener(uuid, hosts, began)
        try:
            yield listener.tasks
        finally:
            del self._listeners[uuid]

    def acting(self) -> _Listener | None:
        """Return who waits for the action that is calling, if it is one."""
        task = asyncio.current_task()
        return next((listener for listener in self._listeners.values() if task in listener.tasks), None)

    def add(self, task: asyncio.Task) -> None:
        super().add(task)
        # A task is added before its first step, so its arguments are all there is to see.
        arguments = task.get_coro().cr_frame.f_locals
        result = arguments.get("rules_engine_result") or getattr(arguments.get("action_item"), "rule_engine_results", None)
        for listener in self._listeners.values():
            if _is_of(result, listener.uuid):
                if asyncio.current_task() not in listener.tasks:  # else it is one of several actions, started by the task that runs them
                    listener.began(_playbooks(arguments))
                listener.tasks.append(task)


def _playbooks(arguments: Mapping) -> int:
    """Count the playbooks of a rule, given the arguments of the task that runs its action, or its actions one after another."""
    item = arguments.get("action_item")
    actions = [arguments.get("action")] if item is None else [each.action for each in item.actions]
    return sum(action in PLAYBOOK_ACTIONS for action in actions)


@dataclass(frozen=True)
class _Match:
    """A rule's callback behind ours, which sees each match first.

    What this router put in an earlier life is left to it: what became of a dispatch is in its store, and it sends it out again where that is
    right. What it put in this life gets its dispatch's uuid back. An event that one of a dispatch's own actions made (post_event) is the dispatch's:
    it gets the same uuid, so that its playbooks are followed, and the same hosts, since without any Ansible would take all.
    """

    callback: Callable
    actions: _Actions
    ruleset: str
    source: str
    generation: str

    def __call__(self, result) -> None:
        for event in _events_of(result):
            meta = _meta(event)
            source = meta.get("source")
            if not isinstance(source, Mapping):
                continue
            if source.get("type") == "internal":
                self._adopt(meta)
            elif source.get("name") != self.source:
                continue
            elif source.get("generation") != self.generation:
                logger.info("a match that the engine kept of an earlier life is left to the router: %s", source.get("dispatch"))
                drools.delete_action_info(self.ruleset, result.matching_uuid)
                return
            elif "dispatch" in source:
                meta["uuid"] = source["dispatch"]
        self.callback(result)

    def _adopt(self, meta: dict) -> None:
        if listener := self.actions.acting():
            meta["uuid"] = listener.uuid
            if not meta.get("hosts"):
                meta["hosts"] = list(listener.hosts)


def _events_of(result) -> Iterator[Mapping]:
    data = getattr(result, "data", None)
    return (event for event in (data or {}).values() if isinstance(event, Mapping))


def _meta(event: Mapping) -> Mapping:
    meta = event.get("meta")
    return meta if isinstance(meta, Mapping) else {}


def _is_of(result, uuid: str) -> bool:
    """Tell whether a match is of the event with this uuid."""
    return any(_meta(event).get("uuid") == uuid for event in _events_of(result))


class _errors_logged(logging.Handler):
    """Collect the errors that some of the engine's tasks log, while it is entered."""

    def __init__(self, tasks: list[asyncio.Task], into: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._tasks = tasks
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        try:
            task = asyncio.current_task()
        except RuntimeError:  # another thread's
            return
        if task in self._tasks:
            self._into.append(record.getMessage().strip()[-2000:])

    def __enter__(self) -> None:
        for name in _ACTION_LOGGERS:
            logging.getLogger(name).addHandler(self)

    def __exit__(self, *_error: object) -> None:
        for name in _ACTION_LOGGERS:
            logging.getLogger(name).removeHandler(self)
