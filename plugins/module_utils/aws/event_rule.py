# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A rule of EventBridge on an account's own bus, with its targets."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask, ask_all
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import as_mapping, as_pairs

_TARGETS = "Targets"


def wanted_rule(given: Mapping) -> dict:
    """Return the fields that a module's options ask for."""
    target = {
        "Id": given["target_id"],
        "Arn": given["target"],
        "DeadLetterConfig": given["dead_letter_queue"] and {"Arn": given["dead_letter_queue"]},
        "RetryPolicy": {"MaximumEventAgeInSeconds": given["retry_seconds"], "MaximumRetryAttempts": given["retries"]},
    }
    return {
        "EventPattern": given["pattern"],
        "State": "ENABLED" if given["enabled"] else "DISABLED",
        "Description": given["description"],
        _TARGETS: [{name: value for name, value in target.items() if value}],
    }


class EventRule:
    """A rule, known by its name.

    Args:
        events: a client of boto3.
        name: of the rule.
    """

    def __init__(self, events: object, name: str) -> None:
        self._events, self._name = events, name
        self._found = None
        self.what = f"event rule {name}"

    def find(self) -> dict | None:
        """Return the rule, its pattern as a mapping, with its targets, or None."""
        try:
            rule = ask(self._events, "describe_rule", f"the {self.what} was looked for", Name=self._name)
        except AWSError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        targets = ask_all(self._events, "list_targets_by_rule", "Targets", f"the targets of the {self.what} were read", Rule=self._name)
        read = {name: value for name, value in rule.items() if name != "ResponseMetadata"}
        self._found = {**read, "EventPattern": json.loads(rule.get("EventPattern") or "{}"), _TARGETS: targets}
        return dict(self._found)

    def tags(self) -> dict[str, str]:
        """Return its tags."""
        about = f"the tags of the {self.what} were read"
        return as_mapping(ask(self._events, "list_tags_for_resource", about, ResourceARN=self._found["Arn"]).get("Tags"))

    def comparable(self, name: str, value: object) -> object:
        """Compare targets whatever their order."""
        return sorted(value or [], key=lambda target: target["Id"]) if name == _TARGETS else value or ""

    def create(self, wanted: Mapping, tags: Mapping[str, str]) -> None:
        """Create it with its targets."""
        self._put(wanted, Tags=as_pairs(tags))
        self._aim(wanted[_TARGETS])

    def change(self, wanted: Mapping, differing: Mapping) -> None:
        """Set all of the rule, because what a request leaves out is taken away; of the targets, what differs."""
        if set(differing) - {_TARGETS}:
            self._put(wanted)
        if _TARGETS in differing:
            self._remove([each["Id"] for each in self._found[_TARGETS] if each["Id"] not in [one["Id"] for one in wanted[_TARGETS]]])
            self._aim(wanted[_TARGETS])

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        ask(self._events, "tag_resource", f"the {self.what} was tagged", ResourceARN=self._found["Arn"], Tags=as_pairs(tags))

    def delete(self) -> None:
        """Delete it with its targets."""
        self._remove([each["Id"] for each in self._found[_TARGETS]])
        ask(self._events, "delete_rule", f"the {self.what} was deleted", Name=self._name)

    def _put(self, wanted: Mapping, **further: object) -> None:
        fields = {name: value for name, value in wanted.items() if name != _TARGETS and value != ""}
        pattern = json.dumps(wanted["EventPattern"])
        ask(self._events, "put_rule", f"the {self.what} was written", Name=self._name, **{**fields, "EventPattern": pattern}, **further)

    def _aim(self, targets: list) -> None:
        told = ask(self._events, "put_targets", f"the targets of the {self.what} were written", Rule=self._name, Targets=targets)
        self._insist(told)

    def _remove(self, ids: list[str]) -> None:
        if ids:
            self._insist(ask(self._events, "remove_targets", f"targets of the {self.what} were removed", Rule=self._name, Ids=ids))

    def _insist(self, told: Mapping) -> None:
        # EventBridge says of single targets that they failed in an answer that is otherwise a success.
        failed = [f"{entry.get('TargetId')}: {entry.get('ErrorCode')} {entry.get('ErrorMessage')}" for entry in told.get("FailedEntries") or ()]
        if told.get("FailedEntryCount") or failed:
            raise AWSError(f"AWS refused targets of the {self.what}: {'; '.join(failed) or 'without a word'}")
