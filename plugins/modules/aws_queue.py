#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_queue
short_description: Create, change or delete a queue of Amazon SQS that is one's own
version_added: 0.1.0
description:
  - A queue that this module makes carries its owner's name in the tag C(eventops:managed-by), from the request on that creates it. A queue of the same name
    that has another owner, or none, is never touched.
  - M(community.aws.sqs_queue) creates a queue in three requests, so that what was interrupted between them has no tag, leaves the encryption of a queue that
    is there as it is, and knows no encryption by SQS itself, nor which queues may use a queue of dead letters.
options:
  name:
    description: The name of the queue, in the account and the region of the credentials.
    type: str
    required: true
  visibility_timeout:
    description: Seconds for which nobody else gets a message that was received, from 0 to 43200. What is left out is not touched, here and below.
    type: int
  message_retention_period:
    description: Seconds after which SQS drops a message, from 60 to 1209600.
    type: int
  receive_message_wait_time:
    description: Seconds that a request for messages waits for one, from 0 to 20, where the request does not say it.
    type: int
  policy:
    description: The policy of the queue. It is compared by what it says, not by its order. C({}) removes it.
    type: dict
  redrive_policy:
    description: Where a message goes that was received too often, with C(deadLetterTargetArn) and C(maxReceiveCount). C({}) removes it.
    type: dict
  redrive_allow_policy:
    description: Which queues may use this one for their dead letters, with C(redrivePermission) and C(sourceQueueArns). C({}) removes it.
    type: dict
  kms_key:
    description:
      - The key of AWS KMS that messages are encrypted with, as its id, ARN, or alias with C(alias/) in front.
      - An empty one means the encryption by SQS itself.
    type: str
  discard_messages:
    description: Whether a queue is deleted with the messages that are in it. Otherwise a queue that has some is not deleted, and the module fails.
    type: bool
    default: false
extends_documentation_fragment:
  - eventops.infra.aws
  - eventops.infra.aws_owned
"""

EXAMPLES = r"""
- name: Have a queue for events
  eventops.infra.aws_queue:
    name: eventops
    owner: aws_events/eventops
    visibility_timeout: 120
    message_retention_period: 1209600
    kms_key: ""
"""

RETURN = r"""
queue:
  description:
    - The attributes of the queue as SQS returns them, its policies as mappings, and its name.
    - In check mode, as far as it is known what it would be. The deleted queue where it was deleted, only its name where there was none.
  returned: success
  type: dict
  sample:
    name: eventops
    VisibilityTimeout: "120"
    SqsManagedSseEnabled: "true"
msg:
  description: What was done.
  returned: success
  type: str
  sample: queue eventops created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ensuring import run
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import OWNED
from ansible_collections.eventops.infra.plugins.module_utils.aws.queue import Queue, wanted_attributes

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "visibility_timeout": {"type": "int"},
    "message_retention_period": {"type": "int"},
    "receive_message_wait_time": {"type": "int"},
    "policy": {"type": "dict"},
    "redrive_policy": {"type": "dict"},
    "redrive_allow_policy": {"type": "dict"},
    # The name of a key is no secret.
    "kms_key": {"type": "str", "no_log": False},
    "discard_messages": {"type": "bool", "default": False},
    **OWNED,
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    queue = Queue(client(module, "sqs"), module.params["name"], module.params["discard_messages"])
    run(module, queue, wanted_attributes(module.params), "queue")


if __name__ == "__main__":
    main()
