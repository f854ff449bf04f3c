#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: netbox_event_rule
short_description: Create, change or delete an event rule of NetBox
version_added: 0.1.0
description:
  - An event rule says of which changes NetBox sends a webhook, starts a script or notifies people, and under which conditions.
  - A rule is known by its name. What is left out is not touched.
options:
  data:
    description: The event rule.
    type: dict
    required: true
    suboptions:
      name:
        description: The name of the rule.
        type: str
        required: true
      object_types:
        description:
          - The types of objects that the rule is for, such as V(virtualization.virtualmachine). They replace those that the rule has.
          - A new rule needs them.
        type: list
        elements: str
      event_types:
        description:
          - The types of events that the rule is for, such as V(object_created), V(object_updated), V(object_deleted), V(job_completed).
          - A new rule is by default for all that happens to objects.
          - NetBox 4.0 has a switch for each of them, which is set accordingly. It does not tell a job that failed from one that was completed.
        type: list
        elements: str
      enabled:
        description: Whether the rule is heeded.
        type: bool
      conditions:
        description:
          - >-
            When the rule applies. A group C({and: [...]}) or C({or: [...]}), or one condition with C(attr), C(op), C(value) and C(negate).
          - Whether they differ from those in NetBox is judged by what they mean. The order within a group is not looked at, nor a default that is
            written out.
          - C({}) removes them.
        type: dict
      action_type:
        description: What the rule does.
        type: str
        choices: [webhook, script, notification]
        default: webhook
      action_object:
        description:
          - The name of the webhook, script or notification group, or its number.
          - A new rule needs it.
          - In check mode one that does not exist is only warned of, because a task before this one may be about to make it.
        type: raw
      description:
        description: A short description.
        type: str
      tags:
        description: The tags of the rule, each by its slug or its name. They must exist, and replace those that the rule has.
        type: list
        elements: str
  state:
    description: Whether the rule is to be there.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - eventops.infra.netbox
attributes:
  check_mode:
    description: Says what would change, and changes nothing. What NetBox would refuse is only found out without it.
    support: full
  diff_mode:
    description: Shows the fields that differ, before and after.
    support: full
"""

EXAMPLES = r"""
- name: Send every change of a virtual machine
  eventops.infra.netbox_event_rule:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    data:
      name: eventops
      object_types: [virtualization.virtualmachine]
      action_object: eventops

- name: Send only what is active and has an address
  eventops.infra.netbox_event_rule:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    data:
      name: ready
      object_types: [virtualization.virtualmachine]
      event_types: [object_updated]
      conditions:
        and:
          - {attr: primary_ip4, value: null, negate: true}
          - {attr: status.value, value: active}
      action_object: eventops

- name: Remove the rule
  eventops.infra.netbox_event_rule:
    netbox_url: https://netbox.example.com
    netbox_token: "{{ netbox_token }}"
    data:
      name: ready
    state: absent
"""

RETURN = r"""
event_rule:
  description:
    - The rule as NetBox's API returns it.
    - In check mode, as far as it is known what it would be. The deleted rule where it was deleted, nothing where there was none.
  returned: success
  type: dict
  sample:
    id: 4
    name: ready
    object_types: [virtualization.virtualmachine]
    event_types: [object_updated]
    enabled: true
    conditions: {attr: status.value, value: active}
msg:
  description: What was done.
  returned: success
  type: str
  sample: event rule ready changed
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.netbox.arguments import CONNECTION, STATE, connect
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.conditions import mistakes
from ansible_collections.eventops.infra.plugins.module_utils.netbox.ensuring import ensure_absent, ensure_present
from ansible_collections.eventops.infra.plugins.module_utils.netbox.event_rule import ACTIONS, comparable, wanted_rule

ENDPOINT = "extras/event-rules"
ARGUMENTS = {
    "data": {
        "type": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "object_types": {"type": "list", "elements": "str"},
            "event_types": {"type": "list", "elements": "str"},
            "enabled": {"type": "bool"},
            "conditions": {"type": "dict"},
            "action_type": {"type": "str", "choices": list(ACTIONS), "default": "webhook"},
            "action_object": {"type": "raw"},
            "description": {"type": "str"},
            "tags": {"type": "list", "elements": "str"},
        },
    },
    **STATE,
    **CONNECTION,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    data = module.params["data"]
    wrong = mistakes(data["conditions"], "data.conditions")
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    netbox = connect(module)
    try:
        existing = netbox.find_one(ENDPOINT, name=data["name"])
        if module.params["state"] == "absent":
            outcome = ensure_absent(netbox, ENDPOINT, existing, module.check_mode)
        else:
            wanted = wanted_rule(netbox, data, existing, module.warn if module.check_mode else None)
            outcome = ensure_present(netbox, ENDPOINT, existing, wanted, module.check_mode, comparable)
    except NetBoxError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(outcome.done),
        event_rule=dict(outcome.now),
        diff=outcome.diff,
        msg=f"event rule {data['name']} {outcome.done or 'is as it should be'}",
    )


if __name__ == "__main__":
    main()
