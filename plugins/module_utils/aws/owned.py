# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is of some names in an account, and who made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ansible_collections.eventops.infra.plugins.module_utils.aws.account import Account
from ansible_collections.eventops.infra.plugins.module_utils.aws.calls import ask, ask_all
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import TAG, as_mapping
from ansible_collections.eventops.infra.plugins.module_utils.aws.queue import Queue
from ansible_collections.eventops.infra.plugins.module_utils.aws.topic import Topic


def queues(sqs: object, names: Iterable[str]) -> Iterator[dict]:
    """Yield those queues of these names that there are, each with its owner."""
    for name in names:
        queue = Queue(sqs, name, discard=False)
        found = queue.find()
        if found is not None:
            yield _thing("queue", name, found.get("QueueArn"), queue.tags())


def topics(sns: object, names: Iterable[str], where: Account) -> Iterator[dict]:
    """Yield those topics of these names that there are, each with its owner."""
    for name in names:
        arn = where.arn("sns", name)
        topic = Topic(sns, arn, queue=None)
        if topic.find() is not None:
            yield _thing("topic", name, arn, topic.tags())


def event_rules(events: object, prefix: str) -> Iterator[dict]:
    """Yield the rules whose names begin so, each with its owner."""
    for rule in ask_all(events, "list_rules", "Rules", f"the event rules {prefix}* were listed", NamePrefix=prefix):
        yield _thing("event rule", rule["Name"], rule["Arn"], _tags(events, rule["Arn"]))


def alarms(cloudwatch: object, prefix: str) -> Iterator[dict]:
    """Yield the alarms whose names begin so, each with its owner."""
    for rows in ("MetricAlarms", "CompositeAlarms"):
        about = f"the alarms {prefix}* were listed"
        for alarm in ask_all(cloudwatch, "describe_alarms", rows, about, AlarmNamePrefix=prefix, AlarmTypes=[rows.removesuffix("s")]):
            yield _thing("alarm", alarm["AlarmName"], alarm["AlarmArn"], _tags(cloudwatch, alarm["AlarmArn"]))


def _tags(client, arn):
    return as_mapping(ask(client, "list_tags_for_resource", f"the tags of {arn} were read", ResourceARN=arn).get("Tags"))


def _thing(kind, name, arn, tags):
    return {"kind": kind, "name": name, "arn": arn, "owner": tags.get(TAG)}
