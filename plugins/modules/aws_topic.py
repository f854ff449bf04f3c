#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_topic
short_description: Create, change or delete a topic of Amazon SNS that is one's own, with a queue that is subscribed to it
version_added: 0.1.0
description:
  - A topic that this module makes carries its owner's name in the tag C(eventops:managed-by), from the request on that creates it. A topic of the same name
    that has another owner, or none, is never touched.
  - What others have subscribed to the topic stays.
  - M(community.aws.sns_topic) knows no encryption, and in check mode it fails for a topic with a policy that is not there yet.
options:
  name:
    description: The name of the topic, in the account and the region of the credentials.
    type: str
    required: true
  policy:
    description: The policy of the topic. It is compared by what it says, not by its order. What is left out is not touched, here and below.
    type: dict
  kms_key:
    description:
      - The key of AWS KMS that messages are encrypted with, as its id, ARN, or alias with C(alias/) in front. An empty one means none.
      - Alarms of CloudWatch cannot publish to a topic with AWS's own key C(alias/aws/sns).
    type: str
  queue:
    description: The ARN of the queue that is subscribed. What is published arrives in it as a notification of SNS, not raw.
    type: str
  dead_letter_queue:
    description: The ARN of the queue that gets what cannot be delivered to O(queue). An empty one means none.
    type: str
extends_documentation_fragment:
  - eventops.infra.aws
  - eventops.infra.aws_owned
"""

EXAMPLES = r"""
- name: Have a topic for alarms
  eventops.infra.aws_topic:
    name: eventops-alarms
    owner: aws_events/eventops
    queue: arn:aws:sqs:eu-central-1:123456789012:eventops
    kms_key: alias/eventops
"""

RETURN = r"""
topic:
  description:
    - The attributes of the topic as SNS returns them, its policy as a mapping, its name, its ARN, and C(Subscription), that of O(queue).
    - In check mode, as far as it is known what it would be. The deleted topic where it was deleted.
  returned: success
  type: dict
  sample:
    name: eventops-alarms
    KmsMasterKeyId: alias/eventops
msg:
  description: What was done.
  returned: success
  type: str
  sample: topic eventops-alarms created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.account import account
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ensuring import run
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import OWNED
from ansible_collections.eventops.infra.plugins.module_utils.aws.topic import Topic, wanted_topic

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "policy": {"type": "dict"},
    # The name of a key is no secret.
    "kms_key": {"type": "str", "no_log": False},
    "queue": {"type": "str"},
    "dead_letter_queue": {"type": "str"},
    **OWNED,
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    sns = client(module, "sns")
    try:
        # SNS has no request that finds a topic by its name.
        arn = account(client(module, "sts"), sns.meta.region_name).arn("sns", given["name"])
    except AWSError as error:
        module.fail_json(msg=str(error))
    run(module, Topic(sns, arn, given["queue"]), wanted_topic(given), "topic")


if __name__ == "__main__":
    main()
