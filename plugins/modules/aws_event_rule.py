#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_event_rule
short_description: Create, change or delete a rule of Amazon EventBridge that is one's own
version_added: 0.1.0
description:
  - A rule on the account's own bus (C(default)), which sends what fits its pattern to one target.
  - A rule that this module makes carries its owner's name in the tag C(eventops:managed-by), from the request on that creates it. A rule of the same name
    that has another owner, or none, is never touched.
  - Other targets of the rule are removed, since the rule is one's own.
  - M(amazon.aws.cloudwatchevent_rule) does not know check mode, nor a queue for what cannot be delivered, and sets no tags.
options:
  name:
    description: The name of the rule.
    type: str
    required: true
  pattern:
    description: The events that are meant, as EventBridge writes it. A new rule needs it. It is compared as a mapping, not as text.
    type: dict
    default: {}
  description:
    description: A short description.
    type: str
    default: ""
  enabled:
    description: Whether the rule is heeded.
    type: bool
    default: true
  target:
    description: The ARN of the queue that events go to. A rule that is to be there needs it.
    type: str
  target_id:
    description: The name of the target within the rule.
    type: str
    default: eventops
  dead_letter_queue:
    description: The ARN of the queue that gets what cannot be delivered.
    type: str
  retries:
    description: How often EventBridge tries to deliver an event, from 0 to 185.
    type: int
    default: 185
  retry_seconds:
    description: Seconds for which EventBridge tries to deliver an event, from 60 to 86400.
    type: int
    default: 86400
extends_documentation_fragment:
  - eventops.infra.aws
  - eventops.infra.aws_owned
"""

EXAMPLES = r"""
- name: Send what happens to instances
  eventops.infra.aws_event_rule:
    name: eventops-ec2-state
    owner: aws_events/eventops
    pattern:
      source: [aws.ec2]
      detail-type: [EC2 Instance State-change Notification]
    target: arn:aws:sqs:eu-central-1:123456789012:eventops
    dead_letter_queue: arn:aws:sqs:eu-central-1:123456789012:eventops-dead-letters
"""

RETURN = r"""
event_rule:
  description:
    - The rule as EventBridge returns it, its pattern as a mapping, with its C(Targets).
    - In check mode, as far as it is known what it would be. The deleted rule where it was deleted, only its name where there was none.
  returned: success
  type: dict
  sample:
    name: eventops-ec2-state
    State: ENABLED
msg:
  description: What was done.
  returned: success
  type: str
  sample: event rule eventops-ec2-state created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ensuring import run
from ansible_collections.eventops.infra.plugins.module_utils.aws.event_rule import EventRule, wanted_rule
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import OWNED

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "pattern": {"type": "dict", "default": {}},
    "description": {"type": "str", "default": ""},
    "enabled": {"type": "bool", "default": True},
    "target": {"type": "str"},
    "target_id": {"type": "str", "default": "eventops"},
    "dead_letter_queue": {"type": "str"},
    "retries": {"type": "int", "default": 185},
    "retry_seconds": {"type": "int", "default": 86400},
    **OWNED,
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True, required_if=[("state", "present", ("target",))])
    given = module.params
    if given["state"] == "present" and not given["pattern"]:
        module.fail_json(msg="pattern: must say which events are meant, got {}; without it the rule would mean every event of the account")
    run(module, EventRule(client(module, "events"), given["name"]), wanted_rule(given), "event_rule")


if __name__ == "__main__":
    main()
