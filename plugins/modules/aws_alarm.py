#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_alarm
short_description: Create, change or delete an alarm of Amazon CloudWatch that is one's own
version_added: 0.1.0
description:
  - An alarm on one metric. Its actions are taken for C(ALARM) and for C(OK), since without the second nobody hears that it is over.
  - An alarm that this module makes carries its owner's name in the tag C(eventops:managed-by), from the request on that creates it. An alarm of the same name
    that has another owner, or none, is never touched.
  - M(amazon.aws.cloudwatch_metric_alarm) sets no tags, and does not see that somebody has switched the actions off.
options:
  name:
    description: The name of the alarm.
    type: str
    required: true
  description:
    description: A description.
    type: str
    default: ""
  namespace:
    description: The namespace of the metric, such as V(AWS/EC2). An alarm that is to be there needs it, as it needs O(metric) and O(threshold).
    type: str
  metric:
    description: The name of the metric, such as V(CPUUtilization).
    type: str
  dimensions:
    description: "The dimensions of the metric, such as C({InstanceId: i-0123456789abcdef0})."
    type: dict
    default: {}
  statistic:
    description: What is made of the values of a period.
    type: str
    choices: [SampleCount, Average, Sum, Minimum, Maximum]
    default: Average
  period:
    description: Seconds of a period. 10, 30, or a multiple of 60.
    type: int
    default: 60
  evaluation_periods:
    description: How many periods are looked at.
    type: int
    default: 1
  datapoints_to_alarm:
    description: How many of them must be beyond the threshold. By default all.
    type: int
  threshold:
    description: What the value is compared with.
    type: float
  comparison:
    description: How it is compared.
    type: str
    choices: [GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold, LessThanOrEqualToThreshold]
    default: GreaterThanThreshold
  missing_data:
    description: What a period without a value counts for.
    type: str
    choices: [breaching, notBreaching, ignore, missing]
    default: missing
  actions:
    description: The ARNs of what is told when the alarm goes to C(ALARM) and to C(OK), such as a topic.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - eventops.infra.aws
  - eventops.infra.aws_owned
"""

EXAMPLES = r"""
- name: Tell when a group works too hard
  eventops.infra.aws_alarm:
    name: eventops-web-cpu-high
    owner: aws_events/eventops
    namespace: AWS/EC2
    metric: CPUUtilization
    dimensions: {AutoScalingGroupName: web}
    period: 300
    threshold: 80
    actions: [arn:aws:sns:eu-central-1:123456789012:eventops-alarms]
"""

RETURN = r"""
alarm:
  description:
    - The alarm as CloudWatch returns it, without times.
    - In check mode, as far as it is known what it would be. The deleted alarm where it was deleted, only its name where there was none.
  returned: success
  type: dict
  sample:
    name: eventops-web-cpu-high
    Threshold: 80.0
msg:
  description: What was done.
  returned: success
  type: str
  sample: alarm eventops-web-cpu-high created
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.alarm import Alarm, wanted_alarm
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.ensuring import run
from ansible_collections.eventops.infra.plugins.module_utils.aws.ownership import OWNED

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str", "default": ""},
    "namespace": {"type": "str"},
    "metric": {"type": "str"},
    "dimensions": {"type": "dict", "default": {}},
    "statistic": {"type": "str", "choices": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"], "default": "Average"},
    "period": {"type": "int", "default": 60},
    "evaluation_periods": {"type": "int", "default": 1},
    "datapoints_to_alarm": {"type": "int"},
    "threshold": {"type": "float"},
    "comparison": {
        "type": "str",
        "choices": ["GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"],
        "default": "GreaterThanThreshold",
    },
    "missing_data": {"type": "str", "choices": ["breaching", "notBreaching", "ignore", "missing"], "default": "missing"},
    "actions": {"type": "list", "elements": "str", "default": []},
    **OWNED,
    **ACCESS,
}


def main():
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_if=[("state", "present", ("namespace", "metric", "threshold"))],
    )
    run(module, Alarm(client(module, "cloudwatch"), module.params["name"]), wanted_alarm(module.params), "alarm")


if __name__ == "__main__":
    main()
