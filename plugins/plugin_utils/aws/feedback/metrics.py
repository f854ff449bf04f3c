# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What metrics say of cases that are over: `Cases` by how they ended, and `TimeToResolve`, the seconds that took, by the alert's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.bounded_names import BoundedNames
from ansible_collections.eventops.infra.plugins.plugin_utils.store.finished import Finished
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import RESOLVED

CASES, TIME_TO_RESOLVE = "Cases", "TimeToResolve"
STATE, ALERT = "State", "Alert"
# One request takes 1000 different metrics, with 150 values of each (Amazon CloudWatch API Reference, PutMetricData): so many ends make no more.
MOST_ENDS = 150

_MINUTE = 60  # CloudWatch keeps custom metrics by the minute
# It takes none that are two weeks old, and would refuse all others with them.
_OLDEST_SECONDS = 14 * 86_400 - 3600


def data_of(ends: Iterable[Finished], names: BoundedNames, now: float) -> list[dict[str, Any]]:
    """Write what ends of cases, at most MOST_ENDS, add to the metrics; those that are too old for CloudWatch are left out.

    :param names: takes up new names.
    :param now: seconds since the epoch.
    """
    counts: Counter[tuple[str, int]] = Counter()
    times: dict[tuple[str, int], Counter[float]] = {}
    for end in ends:
        if end.case.updated_at < now - _OLDEST_SECONDS:
            continue
        minute = int(min(end.case.updated_at, now)) // _MINUTE * _MINUTE
        counts[end.case.state, minute] += 1
        if end.case.state == RESOLVED:
            name = names.of(str(end.event.data.get("name") or end.event.type))
            times.setdefault((name, minute), Counter())[round(end.duration_seconds, 3)] += 1
    data = [_datum(CASES, STATE, state, minute, Unit="Count", Value=float(count)) for (state, minute), count in counts.items()]
    for (name, minute), seconds in times.items():
        values = {"Values": list(seconds), "Counts": [float(count) for count in seconds.values()]}
        data.append(_datum(TIME_TO_RESOLVE, ALERT, name, minute, Unit="Seconds", **values))
    return data


def _datum(metric: str, dimension: str, value: str, minute: int, **values: Any) -> dict[str, Any]:
    timestamp = datetime.fromtimestamp(minute, UTC)
    return {"MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}], "Timestamp": timestamp, **values}
