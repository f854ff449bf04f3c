# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of this source call their events (`source`). No sender may use these names, or it could have its events taken for ours."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place

_QUEUES, _ALARMS, _LOGS = "aws:sqs:", "aws:cloudwatch:", "aws:logs:"
OWN_SOURCES = (_QUEUES, _ALARMS, _LOGS)
ALARM_SOURCES = (_QUEUES, _ALARMS)  # of alarms in the form that AWS gives them


def source_of_queue(place: Place, name: str) -> str:
    """Return what the messages of a queue are called whose sender names no source."""
    return f"{_QUEUES}{place.region}:{name}"


def source_of_alarms(place: Place) -> str:
    """Return what alarms are called that are polled at a place."""
    return f"{_ALARMS}{place.account}:{place.region}"


def source_of_logs(place: Place) -> str:
    """Return what lines of logs are called that are found at a place."""
    return f"{_LOGS}{place.account}:{place.region}"
