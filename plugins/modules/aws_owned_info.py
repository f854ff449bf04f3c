#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_owned_info
short_description: Say whose account one is in, and who made what there is of some names
version_added: 0.1.0
description:
  - Looks for queues and topics by their names, and for event rules and alarms by what their names begin with, and says of each what its tag
    C(eventops:managed-by) is.
options:
  queues:
    description: The names of queues.
    type: list
    elements: str
    default: []
  topics:
    description: The names of topics.
    type: list
    elements: str
    default: []
  event_rules:
    description: What the names of event rules begin with. Without it none are looked for.
    type: str
  alarms:
    description: What the names of alarms begin with. Without it none are looked for.
    type: str
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: It only looks.
    support: full
  diff_mode:
    description: It only looks.
    support: none
"""

EXAMPLES = r"""
- name: See what there is
  eventops.infra.aws_owned_info:
    queues: [eventops]
    event_rules: eventops-
  register: found
"""

RETURN = r"""
account:
  description: The number of the account.
  returned: success
  type: str
  sample: "123456789012"
region:
  description: The region.
  returned: success
  type: str
  sample: eu-central-1
partition:
  description: What ARNs have after C(arn).
  returned: success
  type: str
  sample: aws
things:
  description: What there is.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: V(queue), V(topic), V(event rule) or V(alarm).
      type: str
    name:
      description: Its name.
      type: str
    arn:
      description: Its ARN.
      type: str
    owner:
      description: The value of its tag C(eventops:managed-by). None where it has no such tag.
      type: str
  sample:
    - kind: queue
      name: eventops
      arn: arn:aws:sqs:eu-central-1:123456789012:eventops
      owner: aws_events/eventops
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws import owned
from ansible_collections.eventops.infra.plugins.module_utils.aws.account import account
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError

ARGUMENTS = {
    "queues": {"type": "list", "elements": "str", "default": []},
    "topics": {"type": "list", "elements": "str", "default": []},
    "event_rules": {"type": "str"},
    "alarms": {"type": "str"},
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    sqs = client(module, "sqs")
    try:
        where = account(client(module, "sts"), sqs.meta.region_name)
        things = [*owned.queues(sqs, given["queues"]), *owned.topics(client(module, "sns"), given["topics"], where)]
        if given["event_rules"]:
            things += owned.event_rules(client(module, "events"), given["event_rules"])
        if given["alarms"]:
            things += owned.alarms(client(module, "cloudwatch"), given["alarms"])
    except AWSError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, account=where.number, region=where.region, partition=where.partition, things=things)


if __name__ == "__main__":
    main()
