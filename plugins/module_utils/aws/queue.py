# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A queue of SQS: its attributes as they are compared, and the requests that make it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.policy_document import comparable

# The options of the module, and what SQS calls them.
_NUMBERS = {
    "visibility_timeout": "VisibilityTimeout",
    "message_retention_period": "MessageRetentionPeriod",
    "receive_message_wait_time": "ReceiveMessageWaitTimeSeconds",
}
_DOCUMENTS = {"policy": "Policy", "redrive_policy": "RedrivePolicy", "redrive_allow_policy": "RedriveAllowPolicy"}
_NO_SUCH_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_MESSAGES = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")


def wanted_attributes(given: Mapping) -> dict:
    """Return the attributes that a module's options ask for; what is left out is not among them."""
    wanted = {name: str(given[option]) for option, name in _NUMBERS.items() if given[option] is not None}
    wanted |= {name: given[option] for option, name in _DOCUMENTS.items() if given[option] is not None}
    if given["kms_key"] is not None:
        # SQS has one or the other: with a key of KMS, its own encryption is off by itself.
        wanted |= {"KmsMasterKeyId": given["kms_key"]} if given["kms_key"] else {"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"}
    return wanted


class Queue:
    """A queue, known by its name.

    Args:
        sqs: a client of boto3.
        name: of the queue.
        discard: whether it may be deleted while there are messages in it.
    """

    def __init__(self, sqs: object, name: str, discard: bool) -> None:
        self._sqs, self._name, self._discard = sqs, name, discard
        self.what = f"queue {name}"
        self._url = None

    def find(self) -> dict | None:
        """Return its attributes, its policies as mappings, or None."""
        try:
            self._url = ask(self._sqs, "get_queue_url", f"the {self.what} was looked for", QueueName=self._name)["QueueUrl"]
        except AWSError as error:
            if error.code in _NO_SUCH_QUEUE:
                return None
            raise
        has = {"KmsMasterKeyId": "", **self._attributes("All")}
        return {name: json.loads(value) if name in _DOCUMENTS.values() and value else value for name, value in has.items()}

    def tags(self) -> dict[str, str]:
        """Return its tags."""
        return ask(self._sqs, "list_queue_tags", f"the tags of the {self.what} were read", QueueUrl=self._url).get("Tags", {})

    def comparable(self, name: str, value: object) -> object:
        """Compare policies by what they say, and the rest as the text that SQS has."""
        if name in _DOCUMENTS.values():
            return comparable(value)
        return "" if value is None else str(value).lower() if name == "SqsManagedSseEnabled" else str(value)

    def create(self, wanted: Mapping, tags: Mapping[str, str]) -> None:
        """Create it."""
        attributes = {name: value for name, value in _written(wanted).items() if value}
        ask(self._sqs, "create_queue", f"the {self.what} was created", QueueName=self._name, Attributes=attributes, tags=dict(tags))

    def change(self, wanted: Mapping, differing: Mapping) -> None:
        """Set the attributes that differ."""
        ask(self._sqs, "set_queue_attributes", f"the {self.what} was changed", QueueUrl=self._url, Attributes=_written(differing))

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        ask(self._sqs, "tag_queue", f"the {self.what} was tagged", QueueUrl=self._url, Tags=dict(tags))

    def delete(self) -> None:
        """Delete it, unless messages would be lost with it."""
        has = {} if self._discard else self._attributes(*_MESSAGES)
        waiting = sum(int(has.get(name, 0)) for name in _MESSAGES)
        if waiting:
            raise AWSError(
                f"the {self.what} has about {waiting} messages, which would be lost with it, so it was not deleted: "
                "let them be read first, or say that nobody wants them with discard_messages"
            )
        ask(self._sqs, "delete_queue", f"the {self.what} was deleted", QueueUrl=self._url)

    def _attributes(self, *names: str) -> dict:
        asked = ask(self._sqs, "get_queue_attributes", f"the {self.what} was looked at", QueueUrl=self._url, AttributeNames=list(names))
        return asked.get("Attributes", {})


def _written(attributes: Mapping) -> dict[str, str]:
    return {name: (json.dumps(value) if value else "") if name in _DOCUMENTS.values() else value for name, value in attributes.items()}
