# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An alarm of CloudWatch on one metric."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import as_mapping, as_pairs

_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def wanted_alarm(given: Mapping) -> dict:
    """Return the fields that a module's options ask for."""
    return {
        "AlarmDescription": given["description"],
        "Namespace": given["namespace"],
        "MetricName": given["metric"],
        "Dimensions": [{"Name": str(name), "Value": str(value)} for name, value in sorted(given["dimensions"].items())],
        "Statistic": given["statistic"],
        "Period": given["period"],
        "EvaluationPeriods": given["evaluation_periods"],
        "DatapointsToAlarm": given["datapoints_to_alarm"] or given["evaluation_periods"],
        "Threshold": given["threshold"],
        "ComparisonOperator": given["comparison"],
        "TreatMissingData": given["missing_data"],
        "ActionsEnabled": True,
        **{name: list(given["actions"]) for name in _ACTIONS[:2]},
        "InsufficientDataActions": [],
    }


class Alarm:
    """An alarm, known by its name.

    Args:
        cloudwatch: a client of boto3.
        name: of the alarm.
    """

    def __init__(self, cloudwatch: object, name: str) -> None:
        self._cloudwatch, self._name = cloudwatch, name
        self._arn = None
        self.what = f"alarm {name}"

    def find(self) -> dict | None:
        """Return the alarm, or None.

        Raises:
            AWSError: there is a composite alarm of that name.
        """
        kinds = ["MetricAlarm", "CompositeAlarm"]
        found = ask(self._cloudwatch, "describe_alarms", f"the {self.what} was looked for", AlarmNames=[self._name], AlarmTypes=kinds)
        if found.get("CompositeAlarms"):
            raise AWSError(f"the {self.what} exists and is a composite one, so it was not made here and is left alone: choose another name")
        if not found.get("MetricAlarms"):
            return None
        (alarm,) = found["MetricAlarms"]
        self._arn = alarm["AlarmArn"]
        # Times are no texts, and nobody compares them.
        return {name: value for name, value in alarm.items() if not name.endswith("Timestamp")}

    def tags(self) -> dict[str, str]:
        """Return its tags."""
        about = f"the tags of the {self.what} were read"
        return as_mapping(ask(self._cloudwatch, "list_tags_for_resource", about, ResourceARN=self._arn).get("Tags"))

    def comparable(self, name: str, value: object) -> object:
        """Compare lists whatever their order, and what CloudWatch leaves out as its default."""
        if name == "Dimensions":
            return sorted((each["Name"], each["Value"]) for each in value or [])
        if name in _ACTIONS:
            return sorted(value or [])
        if name == "TreatMissingData":
            return value or "missing"
        return value or "" if name == "AlarmDescription" else value

    def create(self, wanted: Mapping, tags: Mapping[str, str]) -> None:
        """Create it."""
        self._put(wanted, "created", Tags=as_pairs(tags))

    def change(self, wanted: Mapping, differing: Mapping) -> None:
        """Set all of it, because CloudWatch has no request for a part."""
        self._put(wanted, "changed")

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        ask(self._cloudwatch, "tag_resource", f"the {self.what} was tagged", ResourceARN=self._arn, Tags=as_pairs(tags))

    def delete(self) -> None:
        """Delete it."""
        ask(self._cloudwatch, "delete_alarms", f"the {self.what} was deleted", AlarmNames=[self._name])

    def _put(self, wanted: Mapping, done: str, **further: object) -> None:
        ask(self._cloudwatch, "put_metric_alarm", f"the {self.what} was {done}", AlarmName=self._name, **wanted, **further)
