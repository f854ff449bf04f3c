# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How things stand in the store at one moment, as metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import Transaction
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import PARKED, PLANNED, UNFINISHED
from prometheus_client.core import GaugeMetricFamily, Metric


@dataclass(frozen=True)
class Standing:
    """What is not over, and what holds it up; `oldest_waiting` is an age in seconds."""

    cases: Mapping[str, int]
    dispatches: Mapping[str, int]
    oldest_waiting: float
    unhealthy_hosts: int
    pauses: int
    everything_paused: bool
    storm: bool
    storm_released: bool

    @classmethod
    def of(cls, tx: Transaction, now: float) -> Standing:
        """Look at the store."""
        pauses, storm, oldest = tx.pauses(now), tx.storm(), tx.oldest_waiting()
        return cls(
            cases=tx.count_unfinished(),
            dispatches=Counter(dispatch.state for dispatch in tx.unfinished_dispatches()),
            oldest_waiting=0.0 if oldest is None else max(0.0, now - oldest),
            unhealthy_hosts=tx.count_unhealthy_hosts(),
            pauses=len(pauses),
            everything_paused=any(not pause.match for pause in pauses),
            storm=storm is not None,
            storm_released=storm is not None and bool(storm.released_by),
        )

    def metrics(self) -> Iterator[Metric]:
        """Yield it as gauges, each state with its number, be it zero."""
        yield _by_state("eventops_cases", "Cases that are not over.", {state: self.cases.get(state, 0) for state in sorted(UNFINISHED)})
        in_flight = {state: self.dispatches.get(state, 0) for state in (PLANNED, PARKED)}
        yield _by_state("eventops_dispatches_in_flight", "Dispatches that are not over; parked: a throttle or another event decides when.", in_flight)
        for name, text, value in (
            ("oldest_waiting_case_age_seconds", "Age of the oldest case that waits for its turn, a pause or the end of a storm; 0: none.", self.oldest_waiting),
            ("unhealthy_hosts", "Hosts that incidents which are not over are about.", self.unhealthy_hosts),
            ("pauses", "Pauses that hold.", self.pauses),
            ("paused", "1: a pause of everything holds.", int(self.everything_paused)),
            ("storm", "1: more hosts fail at once than are healed one by one.", int(self.storm)),
            ("storm_released", "1: somebody has released the storm that goes on.", int(self.storm_released)),
        ):
            yield GaugeMetricFamily(f"eventops_{name}", text, value=value)


def _by_state(name: str, text: str, values: Mapping[str, int]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=["state"])
    for state, value in values.items():
        gauge.add_metric([state], value)
    return gauge
