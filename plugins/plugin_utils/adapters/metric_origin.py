# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the dimensions of an alarm are at home: in the alarm's account and region, or where a metric says that it is another account's.

Amazon CloudWatch User Guide, "CloudWatch cross-account observability": an alarm of a monitoring account watches metrics of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import AlarmState
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin


def origin_of(state: AlarmState, content: Mapping[str, Any]) -> Origin:
    """Return the origin of an alarm's metrics; metrics of several accounts have none that can be named."""
    of_alarm = Origin.of_arn(state.arn)
    accounts = dict.fromkeys([*_accounts(content)] or [of_alarm.account or state.more.get("account") or ""])
    return Origin(of_alarm.region, next(iter(accounts)) if len(accounts) == 1 else f"several accounts ({', '.join(accounts)})")


def _accounts(content: Mapping[str, Any]) -> Iterator[str]:
    configuration = _at(_at(content, "detail"), "configuration")
    for metrics in (_at(content, "Trigger").get("Metrics"), configuration.get("metrics")):
        for metric in metrics if isinstance(metrics, list) else ():
            for key in ("AccountId", "accountId"):
                if isinstance(metric, Mapping) and isinstance(metric.get(key), str):
                    yield metric[key][:12]


def _at(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
