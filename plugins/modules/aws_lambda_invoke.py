#!/usr/bin/python
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: aws_lambda_invoke
short_description: Invoke a function of AWS Lambda once, within a time, and check what it answers
version_added: 0.1.0
description:
  - Waits for the answer, and fails when the function failed, when there is no answer in time, and when the answer is not what was expected.
  - It is asked once. A function that is asked again after a lost answer may do its work twice.
  - M(amazon.aws.lambda_execute) takes a function for failed by what is in its answer and not by what AWS says of it, has no time limit, asks again by itself
    when there is no answer within a minute, wants the permission to read the function's configuration, and in check mode does not look whether there is
    such a function.
options:
  function:
    description: The name of the function, or its ARN.
    type: str
    required: true
  qualifier:
    description: The version or the alias. By default C($LATEST), which is whatever somebody uploaded last.
    type: str
  payload:
    description: What the function gets.
    type: dict
    default: {}
  timeout:
    description: Seconds that the function may take to answer, from 1 to 900.
    type: int
    default: 60
  expect:
    description:
      - What the answer must hold, values by path. C(body.items[0].state) leads through mappings and lists, and C($) is the whole answer.
      - A value must be equal and of the same kind. C(1) is not C(true), and C("1") is not C(1).
    type: dict
    default: {}
extends_documentation_fragment:
  - eventops.infra.aws
attributes:
  check_mode:
    description: Asks AWS whether the function is there and may be invoked (C(DryRun)), and does not invoke it.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
"""

EXAMPLES = r"""
- name: Take an instance out of the load balancer
  eventops.infra.aws_lambda_invoke:
    function: drain
    qualifier: live
    payload: {instance: i-0123456789abcdef0}
    timeout: 120
    expect: {state: drained}
"""

RETURN = r"""
status:
  description: The status of HTTP. 200 when it ran, 204 in check mode.
  returned: when AWS answered
  type: int
  sample: 200
function_error:
  description: What AWS calls the failure of the function, C(Handled) or C(Unhandled). Empty when it did not fail.
  returned: when AWS answered
  type: str
  sample: ""
version:
  description: The version that ran.
  returned: when AWS answered
  type: str
  sample: "7"
result:
  description: What the function returned. Text where it is no JSON, or is nested more than 64 levels deep.
  returned: when AWS answered
  type: raw
  sample: {state: drained}
msg:
  description: What was done.
  returned: always
  type: str
  sample: the function drain answered as expected
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.eventops.infra.plugins.module_utils.aws.arguments import ACCESS
from ansible_collections.eventops.infra.plugins.module_utils.aws.client import client
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError
from ansible_collections.eventops.infra.plugins.module_utils.aws.expectations import InvalidPath, steps, unmet
from ansible_collections.eventops.infra.plugins.module_utils.aws.function import invoke

ARGUMENTS = {
    "function": {"type": "str", "required": True},
    "qualifier": {"type": "str"},
    "payload": {"type": "dict", "default": {}},
    "timeout": {"type": "int", "default": 60},
    "expect": {"type": "dict", "default": {}},
    **ACCESS,
}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    given = module.params
    if not 1 <= given["timeout"] <= 900:
        module.fail_json(msg=f"timeout: must be from 1 to 900 seconds, got {given['timeout']}")
    try:
        for path in given["expect"]:
            steps(path)
        answer = invoke(client(module, "lambda", given["timeout"]), given["function"], given["qualifier"], given["payload"], module.check_mode)
    except InvalidPath as error:
        module.fail_json(msg=f"expect: {error}")
    except AWSError as error:
        module.fail_json(msg=str(error))
    told = {"status": answer.status, "function_error": answer.error, "version": answer.version, "result": answer.result}
    if answer.error:
        module.fail_json(msg=f"the function {given['function']} failed ({answer.error}): {answer.said}", **told)
    if module.check_mode:
        module.exit_json(changed=True, msg=f"the function {given['function']} could be invoked", **told)
    if wrong := unmet(answer.result, given["expect"]):
        module.fail_json(msg=f"the function {given['function']} ran, and did not answer as expected: {'; '.join(wrong)}", **told)
    module.exit_json(changed=True, msg=f"the function {given['function']} answered as expected", **told)


if __name__ == "__main__":
    main()
