# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: restart_plan
short_description: Read what may be restarted where memory or CPU is exhausted
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Takes the list of what may be restarted that the role C(remediate) finds in a host's variables, and returns those that have a limit for a resource, for
    M(eventops.infra.host_pressure_info) to judge, and a step for each; or all the mistakes in it, and no step.
options:
  _input:
    description: The list, as C(docs/remediate.md) shows it.
    type: list
    elements: dict
    required: true
  resource:
    description: The resource that is exhausted.
    type: str
    choices: [memory, cpu]
    required: true
  where:
    description: What is read, to say in mistakes, such as V(eventops_restartable of web-01).
    type: str
    required: true
  timeout:
    description: Seconds that a restart may take.
    type: int
    required: true
  wait:
    description: Seconds afterwards until it must have helped.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Read what may be restarted
  ansible.builtin.set_fact:
    plan: "{{ eventops_restartable | eventops.infra.restart_plan('memory', 'eventops_restartable of web-01', 60, 60) }}"
"""

RETURN = r"""
_value:
  description: C(mistakes), for people; C(candidates); and C(steps), in the same order.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation import restartable


def restart_plan(written, resource, where, timeout, wait):
    """Read what may be restarted where memory or cpu is exhausted: mistakes, candidates, steps."""
    if resource not in (restartable.MEMORY, restartable.CPU):
        raise AnsibleFilterError(f"restart_plan: the resource must be memory or cpu, got {str(resource)[:60]}")
    try:
        seconds = int(timeout), int(wait)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"restart_plan: timeout and wait must be seconds: {error}") from error
    return restartable.restart_plan(written, resource, where, *seconds)


class FilterModule:
    """The filter."""

    def filters(self):
        return {"restart_plan": restart_plan}
