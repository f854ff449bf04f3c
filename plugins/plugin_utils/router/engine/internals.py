# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that we know of ansible-rulebook's inside. No other file may import it.

A source runs in ansible-rulebook's own process and event loop, so it can see what the engine does: which ruleset it feeds,
which actions run, whether a rule fired. None of this is a documented interface; tests/integration/test_engine_internals.py
checks each fact against the installed version, so that a new ansible-rulebook fails there and not in production.
"""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_rulebook import collection as rulebook_collection
from ansible_rulebook import util as rulebook_util
from ansible_rulebook.conf import settings as rulebook_settings
from ansible_rulebook.exception import SourceFilterNotFoundException, SourcePluginNotFoundException
from ansible_rulebook.json_generator import visit_condition
from ansible_rulebook.messages import Shutdown
from ansible_rulebook.rule_set_runner import RuleSetRunner
from ansible_rulebook.rule_types import ExecutionStrategy
from drools import ruleset as drools
from drools.exceptions import RulesetNotFoundError
from drools.rule import Rule as SessionRule

from .ruleset import ACCUMULATE_WITHIN, ONCE_AFTER, ONCE_WITHIN, Action, Rule, Ruleset, Throttle

# Where ansible-rulebook says why an action failed, or the engine could not match an event.
LOGGERS = ("ansible_rulebook.rule_set_runner", "ansible_rulebook.action")


class EngineChanged(Exception):
    """ansible-rulebook is not built the way this file expects."""


class UnknownPlugin(LookupError):
    """A source or filter plugin cannot be found."""


@dataclass(frozen=True)
class Surroundings:
    """What the ansible-rulebook around a source was started with; `playbooks` are those that any rule runs, by their names in the rulebook."""

    source_name: str
    ruleset: Ruleset
    playbooks: tuple[str, ...]
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
            ruleset=described(ruleset, startup.variables),
            playbooks=_playbooks(startup.rulesets, startup.variables),
            path_in_rulebook=f"{ruleset.name}: sources[{position}].{source.source_name}",
            inventory=startup.inventory or None,
            persistent=rulebook_settings.persistence_id is not None,
            shutdown_delay=float(start_source["shutdown_delay"]),
            source_dirs=[each for each in start_source["source_dirs"] if each],
            filter_dirs=[each for each in start_source["filter_dirs"] or [] if each],
        )
    except (AttributeError, KeyError, StopIteration) as error:
        raise EngineChanged(f"this version of ansible-rulebook does not start a source as expected: {error!r}") from error


def _playbooks(rulesets: Iterable, variables: Mapping) -> tuple[str, ...]:
    actions = [action for ruleset in rulesets for rule in ruleset.rules for action in rule.actions]
    names = [action.action_args.get("name") for action in actions if action.action == "run_playbook"]
    return tuple(dict.fromkeys(_rendered(name, variables) for name in names if isinstance(name, str)))


def _rendered(name: str, variables: Mapping) -> str:
    try:
        return str(rulebook_util.substitute_variables(name, variables))
    except Exception:  # it names what only an event will say
        return name


def described(parsed, variables: Mapping) -> Ruleset:
    """Tell what the router must know of a ruleset that ansible-rulebook has parsed, and of the rulebook's variables in it."""
    return Ruleset(
        name=parsed.name,
        parallel=parsed.execution_strategy is ExecutionStrategy.PARALLEL,
        rules=tuple(_rule(rule, variables) for rule in parsed.rules if rule.enabled),
        events_ttl=parsed.default_events_ttl,
    )


def _rule(parsed, variables: Mapping) -> Rule:
    return Rule(
        name=parsed.name,
        when=parsed.condition.when,
        conditions=tuple(visit_condition(condition, variables) for condition in parsed.condition.value),
        actions=tuple(Action(action.action, action.action_args) for action in parsed.actions),
        timeout=parsed.condition.timeout,
        throttle=parsed.throttle and _throttle(parsed.throttle),
    )


def _throttle(parsed) -> Throttle:
    # The first that is given counts, in this order, which is the engine's.
    kind = next((kind for kind in (ONCE_WITHIN, ONCE_AFTER, ACCUMULATE_WITHIN) if getattr(parsed, kind)), ONCE_WITHIN)
    return Throttle(kind, getattr(parsed, kind) or "", tuple(parsed.group_by_attributes), parsed.threshold)


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


class RunningRuleset:
    """A ruleset while ansible-rulebook runs it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runner: RuleSetRunner | None = None

    def find(self) -> bool:
        """Look for it; tell whether it is there yet."""
        for task in asyncio.all_tasks():
            if task.get_name() == f"main_ruleset :: {self._name}":
                frame = task.get_coro().cr_frame
                runner = frame.f_locals.get("self") if frame else None
                if isinstance(runner, RuleSetRunner):
                    self._runner = runner
        return self._runner is not None

    def stand_in_front_of_rules(self, wrapped: Callable[[str, Callable], Callable]) -> None:
        """Put a callback of ours in place of each rule's, where that is not done yet; `wrapped` makes it of the rule's name and its own."""
        try:
            session = drools.RulesetCollection.get(self._name)
        except RulesetNotFoundError:
            return
        for name, rule in session._rules.items():
            if not isinstance(rule, _OurRule):
                session._rules[name] = _OurRule(name, wrapped(name, rule.callback))

    def keep_actions_in(self, actions: set[asyncio.Task]) -> None:
        """Have every task that runs an action, or a rule's actions one after another, added to this set before it begins."""
        actions.update(self._runner.active_actions)
        self._runner.active_actions = actions

    def forget(self, match) -> None:
        """Have a match that is left alone not come back after a restart."""
        if match.matching_uuid:  # else nothing is kept of it
            drools.delete_action_info(self._name, match.matching_uuid)

    def is_queued(self, uuid: str) -> bool:
        """Tell whether an event waits to be read. Once it is read it is matched before anything else happens."""
        return any(meta_of(event).get("uuid") == uuid for event in tuple(self._source_queue._queue) if isinstance(event, Mapping))

    def event_being_read(self) -> Mapping:
        """Return the event that the engine is matching, when that is what calls this; else an empty one."""
        task = asyncio.current_task()
        reading = self._runner is not None and task is getattr(self._runner, "source_loop_task", None)
        event = task.get_coro().cr_frame.f_locals.get("data") if reading else None
        return event if isinstance(event, Mapping) else {}

    async def stop_now(self, why: str, source_name: str) -> None:
        """Ask the engine to end and to cancel the actions that still run."""
        await self._source_queue.put(Shutdown(message=why, source_plugin=source_name, delay=0.0))

    @property
    def _source_queue(self) -> asyncio.Queue:
        return self._runner.ruleset_queue_plan.source_queue


class _OurRule(SessionRule):
    """A rule with our callback."""


def events_of(match) -> list[dict]:
    """List the events, and facts, that a rule has matched."""
    return [event for event in ((getattr(match, "data", None)) or {}).values() if isinstance(event, dict)]


def match_of(task: asyncio.Task) -> object:
    """Return the match that an action's task is for; asked before the task's first step, when its arguments are all there is to see."""
    arguments = task.get_coro().cr_frame.f_locals
    return arguments.get("rules_engine_result") or getattr(arguments.get("action_item"), "rule_engine_results", None)


def action_names_of(task: asyncio.Task) -> list[str]:
    """List the actions that a task runs, asked before its first step: one, or all of a rule that has several."""
    arguments = task.get_coro().cr_frame.f_locals
    item = arguments.get("action_item")
    return [arguments.get("action")] if item is None else [each.action for each in item.actions]


def action_of(task: asyncio.Task) -> str | None:
    """Return the name of the action that a task runs; None for one that runs a rule's several actions."""
    kind, _sep, rest = task.get_name().partition("::")
    return rest.partition("::")[0] if kind == "action" else None


def meta_of(event: Mapping) -> Mapping:
    """Return an event's `meta`; empty when it has none."""
    meta = event.get("meta")
    return meta if isinstance(meta, Mapping) else {}
