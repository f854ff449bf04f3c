# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router in numbers, for Prometheus. docs/metrics.md lists them.

What happens is counted as it happens, by whoever calls the methods of `Metrics`; how things stand (cases by state, pauses, the storm) is asked
from the store when somebody looks, so it is right at once after a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import WORDS, word_of
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Store, StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    CASE_CHANGED,
    CASE_OPENED,
    DISPATCH_ENDED,
    DISPATCH_PLANNED,
    DISPATCHED,
    FINAL,
    RESOLVED,
    RESULTS,
    Change,
)
from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from ..condition import RUNNING as CHILD_RUNS
from . import event_types
from .standing import Standing

if TYPE_CHECKING:
    from ..supervision import Child
    from .ecs_log import EcsLog

KINDS = ("incident", "request", "change")
_STORE_SECONDS = 5.0  # Prometheus gives up after ten

_COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_DELAY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
_RUN_BUCKETS = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_RESOLUTION_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 14_400, 86_400)
_HOSTS_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Metrics:
    """Counts, and the text of `/metrics`.

    It watches the intake (`accepted`, `refused`, `unavailable`), the store (`observed`) and the hub, which calls the object itself; from any thread.

    :param version: of the collection.
    :param sources: names of the sources that the router hosts.
    :param log: the log of decisions, if one is written.
    """

    content_type = CONTENT_TYPE

    def __init__(self, *, version: str, sources: Sequence[str], log: EcsLog | None = None) -> None:
        disable_created_metrics()  # a second time series for each counter, which nobody asks for
        self.registry = CollectorRegistry()
        self._counted = _Counted(self.registry, version, sources)
        self._children: Sequence[Child] = ()
        self._log = log
        self._standing: Standing | None = None
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def watch(self, children: Sequence[Child]) -> None:
        """Tell from now on how these sources fare."""
        self._children = children

    def accepted(self, child: str, events: Sequence[Event], rows: Sequence[int | None]) -> None:
        """Count what the intake has put on disk; a row None: it was there already."""
        for event, row in zip(events, rows):
            if row is None:
                self._counted.duplicate.labels(child).inc()
            else:
                self._counted.accepted(child, event_types.type_label(event.type)).inc()
                if (word := word_of(event)) is not None:
                    self._counted.unread.labels(child, word).inc()

    def refused(self, child: str) -> None:
        """Count what the intake did not take, and never will."""
        self._counted.refused.labels(child).inc()

    def unavailable(self, child: str) -> None:
        """Count what the intake could not write, so that its sender has to come again."""
        self._counted.unavailable.labels(child).inc()

    def observed(self, seconds: float, functions: int) -> None:
        """Note a commit of the store: how long it took, for how many functions."""
        self._counted.commit_seconds.observe(seconds)
        self._counted.commit_functions.inc(functions)

    def __call__(self, changes: Sequence[Change]) -> None:
        """Count decisions that are on disk."""
        for change in changes:
            if (count := self._counted.of_actions.get(change.action)) is not None:
                count(change)

    async def exposition(self, store: Store) -> bytes:
        """Look at everything, and return it in the text format of Prometheus (`content_type`)."""
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                self._standing = await store.run(lambda tx: Standing.of(tx, time.time()))
        except (StoreUnavailable, TimeoutError):
            self._standing = None
        return generate_latest(self.registry)

    def collect(self) -> Iterator[Metric]:
        """Yield what is only known by looking: the registry calls this."""
        yield from _of_children(self._children)
        yield from self._of_the_store()
        if self._log is not None:
            yield CounterMetricFamily("eventops_log_lines", "Lines that were written to the log of decisions.", value=self._log.written)
            yield CounterMetricFamily("eventops_log_lines_lost", "Lines that could not be written to the log of decisions.", value=self._log.lost)

    def _of_the_store(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("eventops_store_up", "1: the store has answered this look; 0: it is unavailable.", value=int(self._standing is not None))
        if self._standing is not None:
            yield from self._standing.metrics()


class _Counted:
    """The metrics that are counted: each there from the start, at zero, where its labels are known."""

    def __init__(self, registry: CollectorRegistry, version: str, names: Sequence[str]) -> None:
        def counter(name: str, text: str, labels: Sequence[str] = (), values: Sequence[Sequence[str]] = ()) -> Counter:
            made = Counter(f"eventops_{name}", text, labels, registry=registry)
            for each in values:
                made.labels(*each)
            return made

        def histogram(name: str, text: str, buckets: Sequence[float], labels: Sequence[str] = (), values: Sequence[str] = ()) -> Histogram:
            made = Histogram(f"eventops_{name}", text, labels, buckets=buckets, registry=registry)
            for each in values:
                made.labels(each)
            return made

        Info("eventops_build", "The version of the collection.", registry=registry).info({"version": version})
        sources, types = [(name,) for name in names], [(name, label) for name in names for label in event_types.LABELS]
        self._accepted = counter("events_accepted", "Events that are on disk, by the source that handed them in and by type.", ("source", "type"), types)
        self._accepted_by: dict[tuple[str, str], Counter] = {}
        words = [(name, word) for name in names for word in WORDS]
        self.unread = counter("events_unread", "Events that are kept for the reason alone why they could not be read or told.", ("source", "why"), words)
        self.duplicate = counter("events_duplicate", "Events that were delivered again, and dropped.", ("source",), sources)
        self.refused = counter("events_refused", "Deliveries that were refused, because they cannot be an event.", ("source",), sources)
        self.unavailable = counter("events_unavailable", "Deliveries that the store could not take: their senders have to repeat.", ("source",), sources)
        self.commit_seconds = histogram("store_commit_seconds", "How long commits of the store took.", _COMMIT_BUCKETS)
        self.commit_functions = counter("store_transactions", "Transactions of the store; several share one commit.")

        kinds, final = [(kind,) for kind in KINDS], [(kind, state) for kind in KINDS for state in sorted(FINAL)]
        self._opened = counter("cases_opened", "Cases that were opened.", ("kind",), kinds)
        self._finished = counter("cases_finished", "Cases that came to a final state.", ("kind", "state"), final)
        self._attempts = counter("case_attempts", "Attempts on cases; a dispatch of fifty cases is fifty.", ("kind",), kinds)
        self._delay = histogram("case_dispatch_delay_seconds", "From the opening of a case to its first dispatch.", _DELAY_BUCKETS)
        self._resolution = histogram("case_resolution_seconds", "From the opening of a case to its resolution.", _RESOLUTION_BUCKETS, ("kind",), KINDS)
        self._ended = counter("dispatches_ended", "Dispatches that are over, by outcome.", ("outcome",), [(outcome,) for outcome in RESULTS])
        self._hosts = histogram("dispatch_hosts", "Hosts of a dispatch.", _HOSTS_BUCKETS)
        self._duration = histogram("dispatch_duration_seconds", "From the planning of a dispatch to its end.", _RUN_BUCKETS)
        self.of_actions: Mapping[str, Callable[[Change], None]] = {
            CASE_OPENED: self._count_opened,
            CASE_CHANGED: self._count_changed,
            DISPATCH_PLANNED: lambda change: self._hosts.observe(len(change.dispatch.hosts)),
            DISPATCH_ENDED: self._count_ended,
        }

    def accepted(self, child: str, label: str) -> Counter:
        # On the sender's way: labels() takes five times as long as a dictionary.
        found = self._accepted_by.get((child, label))
        if found is None:
            found = self._accepted_by[child, label] = self._accepted.labels(child, label)
        return found

    def _count_opened(self, change: Change) -> None:
        case = change.case
        self._opened.labels(case.kind).inc()
        if case.state in FINAL:
            self._finished.labels(case.kind, case.state).inc()

    def _count_changed(self, change: Change) -> None:
        case = change.case
        if change.from_state == case.state:
            return
        if case.state == DISPATCHED:
            self._attempts.labels(case.kind).inc()
            if case.attempt == 1:
                self._delay.observe(max(0.0, change.time - case.opened_at))
        elif case.state in FINAL and change.from_state not in FINAL:
            self._finished.labels(case.kind, case.state).inc()
            if case.state == RESOLVED:
                self._resolution.labels(case.kind).observe(max(0.0, change.time - case.opened_at))

    def _count_ended(self, change: Change) -> None:
        dispatch = change.dispatch
        self._ended.labels(dispatch.result).inc()
        self._duration.observe(max(0.0, change.time - dispatch.planned_at))


def _of_children(children: Sequence[Child]) -> Iterator[Metric]:
    up = GaugeMetricFamily("eventops_source_up", "1: the source runs; 0: it has failed and will be started again, or has finished.", labels=["source"])
    restarts = CounterMetricFamily("eventops_source_restarts", "Starts of a source after a failure.", labels=["source"])
    troubles = GaugeMetricFamily("eventops_source_troubles", "Places where a source that runs cannot do its work now, as /healthz says.", labels=["source"])
    for child in children:
        up.add_metric([child.config.name], int(child.condition.state == CHILD_RUNS))
        restarts.add_metric([child.config.name], child.condition.restarts)
        troubles.add_metric([child.config.name], len(child.condition.troubles))
    yield from (up, restarts, troubles)
