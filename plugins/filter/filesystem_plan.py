# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: filesystem_plan
short_description: Read what may be done about a full filesystem
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Takes the list of filesystems that the role C(remediate) finds in a host's variables, and returns the entry of one mount point with its steps, the least
    invasive first; or all the mistakes in it, and no step.
options:
  _input:
    description: The list, as C(docs/remediate.md) shows it.
    type: list
    elements: dict
    required: true
  mount:
    description: The mount point, exactly as an entry has it. Empty for the only entry.
    type: str
    required: true
  where:
    description: What is read, to say in mistakes, such as V(eventops_filesystems of web-01).
    type: str
    required: true
  clean_timeout:
    description: Seconds that a clean-up may take that has no C(timeout) of its own.
    type: int
    required: true
  grow_timeout:
    description: Seconds that growing may take.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Read what may be done
  ansible.builtin.set_fact:
    plan: "{{ eventops_filesystems | eventops.infra.filesystem_plan('/var', 'eventops_filesystems of web-01', 120, 600) }}"
"""

RETURN = r"""
_value:
  description: C(mistakes), for people; C(entry), with C(mount), C(threshold) and C(inodes); and C(steps).
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.remediation import filesystems


def filesystem_plan(written, mount, where, clean_timeout, grow_timeout):
    """Read what may be done about one full filesystem: mistakes, entry, steps."""
    try:
        seconds = int(clean_timeout), int(grow_timeout)
    except (TypeError, ValueError) as error:
        raise AnsibleFilterError(f"filesystem_plan: clean_timeout and grow_timeout must be seconds: {error}") from error
    return filesystems.filesystem_plan(written, str(mount or ""), where, *seconds)


class FilterModule:
    """The filter."""

    def filters(self):
        return {"filesystem_plan": filesystem_plan}
