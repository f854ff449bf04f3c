# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start a router: put its parts together, in the order in which each needs the one before."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import Intake
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

from .bell import Bell
from .cases.planning import Planner
from .child_queue import ChildQueue
from .config import REJECT, ChildConfig, RouterConfig, read_children, read_config
from .control.controls import Controls
from .control.server import control_socket
from .dispatching import Dispatcher
from .engine.copied_folders import copied_folders
from .engine.engine import Engine
from .engine.for_playbooks import announce
from .engine.internals import Surroundings, UnknownPlugin, load_filter, load_source, surroundings
from .engine.rule_reads import RuleReads
from .policy.settings import APPROVE, ENFORCE, OBSERVE
from .registry import registered
from .router import Router
from .signals.ecs_log import EcsLog, start_log
from .signals.hub import Hub
from .signals.plain_log import PlainLog
from .signals.version import collection_version
from .supervision import Child

if TYPE_CHECKING:
    from .signals.metrics import Metrics

logger = logging.getLogger(__name__)


async def run(queue: object, args: Mapping) -> None:
    """Run a router until it is done.

    :param queue: what ansible-rulebook gives to a source.
    :param args: the source's arguments.
    :raises ConfigurationError: when anything is wrong with the arguments, all of it at once.
    :raises StoreError: when the store cannot be opened.
    """
    around = surroundings()
    where, mistakes = around.path_in_rulebook, Mistakes()
    found = read_children(args, where, mistakes)
    plugins = [_load(child, around, mistakes) for child in found]
    config = read_config(args, found, where=where, inventory=around.inventory, environment=os.environ, mistakes=mistakes)
    hub = Hub()
    hub.subscribe(PlainLog())
    log = start_log(config.log, hub)
    metrics = _metrics(config, hub, log)
    store = SqliteStore(config.store, hub, None if metrics is None else metrics.observed)
    try:
        # Up to here nothing was awaited, so that a source with the filter `intake`, which may be started in the same turn of
        # the loop, finds the intake.
        bell = Bell()
        inventory = Inventory(config.inventory)
        intake = Intake(
            store,
            redact_words=config.redact,
            max_event_bytes=config.max_event_bytes,
            accepted=bell.ring,
            observer=metrics,
            known_hosts=lambda: inventory.snapshot,
        )
        with registered(intake):
            generation = str(uuid.uuid4())
            announce(config.store, generation)
            engine = Engine(queue, around, generation)
            _introduce(config, engine.reads)
            planner = Planner(config.policy, engine.reads, config.neutralize == REJECT)
            dispatcher = Dispatcher(config, store, inventory, engine, planner, bell.ring, source_name=around.source_name, generation=generation)
            queues = [ChildQueue(each, filters, intake, inventory, hub.subscribe) for each, (_main, filters) in zip(config.children, plugins)]
            children = [Child(each, main, queue, queue.condition) for each, (main, _filters), queue in zip(config.children, plugins, queues)]
            if metrics is not None:
                metrics.watch(children)
            router = Router(config, store, inventory, engine, planner, dispatcher, children, bell, shutdown_delay=around.shutdown_delay)
            controls = Controls(store, bell, intake, config.policy)
            copied = copied_folders(around.playbooks, around.inventory)
            async with (
                control_socket(controls, config.store, copied=copied, max_event_bytes=config.max_event_bytes),
                _console(config, store, controls, hub, metrics, router, children, where),
            ):
                await router.run()
    finally:
        store.close()
        if log is not None:
            log.close()


def _introduce(config: RouterConfig, reads: RuleReads) -> None:
    """Say in ansible-rulebook's log what this router is about to do, and where to look."""
    mode = config.policy.base.mode
    said = {OBSERVE: "writes down what it would do, and runs nothing", APPROVE: "asks a person before it runs anything", ENFORCE: "acts"}[mode]
    logger.log(logging.INFO if mode == ENFORCE else logging.WARNING, "mode %s: the router %s; its store is %s", mode, said, config.store)
    if reads.everything:
        logger.info("a rule reads events as a whole, so each case is a run of its own (docs/policy.md)")
    else:
        logger.info("cases that agree in event.%s share a run", ", event.".join(".".join(path) for path in sorted(reads.paths)) or "type")


def _metrics(config: RouterConfig, hub: Hub, log: EcsLog | None) -> Metrics | None:
    if config.listen is None:
        return None  # nobody can ask for them
    from .signals.metrics import Metrics  # prometheus_client need not be installed where it is not used

    metrics = Metrics(version=collection_version(), sources=[child.name for child in config.children], log=log)
    hub.add_sink(metrics)
    return metrics


def _console(
    config: RouterConfig,
    store: SqliteStore,
    controls: Controls,
    hub: Hub,
    metrics: Metrics | None,
    router: Router,
    children: Sequence[Child],
    where: str,
) -> AbstractAsyncContextManager[None]:
    if config.listen is None:
        return nullcontext()
    from ..console.app import console  # loads aiohttp's server and jinja2, which a router without a console does not need
    from ..console.status import Surroundings as AroundTheConsole

    around = AroundTheConsole(config.policy.base.mode, lambda: {child.config.name: child.condition for child in children}, lambda: router.takes_dispatches)
    return console(config.listen, store, controls, around, metrics, hub.subscribe, where=f"{where}.listen")


def _load(child: ChildConfig, around: Surroundings, mistakes: Mistakes) -> tuple:
    try:
        main = load_source(child.plugin, around.source_dirs)
    except UnknownPlugin as error:
        mistakes.add(f"{child.where}.{child.plugin}", str(error))
        main = None
    filters = []
    for name, arguments in child.filters:
        try:
            filters.append((load_filter(name, around.filter_dirs), arguments))
        except UnknownPlugin as error:
            mistakes.add(f"{child.where}.filters.{name}", str(error))
    return main, filters
