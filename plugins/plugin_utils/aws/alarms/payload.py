# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change of an alarm in the form of the message that SNS would have brought, which the adapter `cloudwatch_alarm` reads.

So an alarm is known by the same fingerprint whichever way it came. The form: Amazon CloudWatch User Guide, "Notifying users on alarm changes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_text


def message_of(change: Change, details: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Write a message.

    :param details: of the alarm; empty where it is gone.
    """
    message = {
        "Region": region,
        **details,
        "AlarmName": change.name,
        "NewStateValue": change.state,
        "NewStateReason": change.reason,
        "OldStateValue": change.previous,
        "StateChangeTime": as_text(change.at),
    }
    return {key: value for key, value in message.items() if value is not None}
