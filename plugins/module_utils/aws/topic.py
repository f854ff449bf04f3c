# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A topic of SNS with the queue that is subscribed to it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask, ask_all
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import as_mapping, as_pairs
from ansible_collections.eventops.infra.plugins.module_utils.aws.policy_document import comparable

_NOT_FOUND = ("NotFound", "NotFoundException")
_SUBSCRIPTION = "Subscription"
_DOCUMENTS = ("Policy", _SUBSCRIPTION)


def wanted_topic(given: Mapping) -> dict:
    """Return the fields that a module's options ask for; what is left out is not among them."""
    wanted = {
        "Policy": given["policy"],
        "KmsMasterKeyId": given["kms_key"],
        _SUBSCRIPTION: given["queue"] and {"queue": given["queue"], "dead_letter_queue": given["dead_letter_queue"] or "", "raw": "false"},
    }
    return {name: value for name, value in wanted.items() if value is not None}


class Topic:
    """A topic, known by its name in an account and a region.

    Args:
        sns: a client of boto3.
        arn: of the topic.
        queue: the ARN of the queue that is subscribed, if one is; what else is subscribed is left alone.
    """

    def __init__(self, sns: object, arn: str, queue: str | None) -> None:
        self._sns, self._arn, self._queue = sns, arn, queue
        self._subscription = None
        self.what = f"topic {arn.rpartition(':')[2]}"

    def find(self) -> dict | None:
        """Return its attributes, its policy as a mapping, with the subscription of the queue, or None."""
        try:
            has = ask(self._sns, "get_topic_attributes", f"the {self.what} was looked for", TopicArn=self._arn)["Attributes"]
        except AWSError as error:
            if error.code in _NOT_FOUND:
                return None
            raise
        read = {name: json.loads(value) if name == "Policy" and value else value for name, value in has.items()}
        return read if self._queue is None else {**read, _SUBSCRIPTION: self._subscribed()}

    def tags(self) -> dict[str, str]:
        """Return its tags."""
        return as_mapping(ask(self._sns, "list_tags_for_resource", f"the tags of the {self.what} were read", ResourceArn=self._arn).get("Tags"))

    def comparable(self, name: str, value: object) -> object:
        """Compare policies by what they say."""
        return comparable(value) if name in _DOCUMENTS else value or ""

    def create(self, wanted: Mapping, tags: Mapping[str, str]) -> None:
        """Create it, and subscribe the queue."""
        attributes = {name: value for name, value in _written(wanted).items() if value}
        about = f"the {self.what} was created"
        ask(self._sns, "create_topic", about, Name=self._arn.rpartition(":")[2], Attributes=attributes, Tags=as_pairs(tags))
        if _SUBSCRIPTION in wanted:
            self._subscribe(wanted[_SUBSCRIPTION])

    def change(self, wanted: Mapping, differing: Mapping) -> None:
        """Set the attributes that differ, each in a request of its own, as SNS wants it."""
        for name, value in _written(differing).items():
            ask(self._sns, "set_topic_attributes", f"the {self.what} was changed", TopicArn=self._arn, AttributeName=name, AttributeValue=value)
        if _SUBSCRIPTION in differing:
            self._subscribe(differing[_SUBSCRIPTION])

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags."""
        ask(self._sns, "tag_resource", f"the {self.what} was tagged", ResourceArn=self._arn, Tags=as_pairs(tags))

    def delete(self) -> None:
        """Delete it, with what is subscribed to it."""
        if self._subscription is not None:
            ask(self._sns, "unsubscribe", f"the queue was unsubscribed from the {self.what}", SubscriptionArn=self._subscription)
        ask(self._sns, "delete_topic", f"the {self.what} was deleted", TopicArn=self._arn)

    def _subscribed(self) -> dict | None:
        about = f"the subscriptions of the {self.what} were read"
        rows = ask_all(self._sns, "list_subscriptions_by_topic", "Subscriptions", about, TopicArn=self._arn)
        arns = [row["SubscriptionArn"] for row in rows if row["Protocol"] == "sqs" and row["Endpoint"] == self._queue]
        if not arns:
            return None
        self._subscription = arns[0]
        has = ask(self._sns, "get_subscription_attributes", about, SubscriptionArn=arns[0])["Attributes"]
        redrive = json.loads(has.get("RedrivePolicy") or "{}")
        dead_letters = redrive.get("deadLetterTargetArn", "")
        return {"queue": self._queue, "dead_letter_queue": dead_letters, "raw": has.get("RawMessageDelivery", "false").lower()}

    def _subscribe(self, wanted: Mapping) -> None:
        about = f"the queue was subscribed to the {self.what}"
        redrive = {"deadLetterTargetArn": wanted["dead_letter_queue"]} if wanted["dead_letter_queue"] else {}
        attributes = {"RawMessageDelivery": wanted["raw"], "RedrivePolicy": json.dumps(redrive)}
        if self._subscription is None:
            of_new = {name: value for name, value in attributes.items() if value not in ("{}", "false")}
            ask(self._sns, "subscribe", about, TopicArn=self._arn, Protocol="sqs", Endpoint=wanted["queue"], Attributes=of_new, ReturnSubscriptionArn=True)
            return
        for name, value in attributes.items():
            ask(self._sns, "set_subscription_attributes", about, SubscriptionArn=self._subscription, AttributeName=name, AttributeValue=value)


def _written(fields: Mapping) -> dict[str, str]:
    return {name: json.dumps(value) if name == "Policy" else value for name, value in fields.items() if name != _SUBSCRIPTION}
