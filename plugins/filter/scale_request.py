# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: scale_request
short_description: Read what a run of the role scale is to do
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Finds the group in the list of those that may be scaled, its bounds and its cooldowns, and all that is wrong with them.
  - It is made for the role P(eventops.infra.scale#role).
options:
  _input:
    description: The variables of the role, without the C(scale_) of their names.
    type: dict
    required: true
  now:
    description: The time, in seconds since the epoch.
    type: float
    required: true
"""

EXAMPLES = r"""
- name: Find what is to be done
  ansible.builtin.set_fact:
    request: "{{ {'groups': scale_groups, 'group': 'web', 'direction': 'out'} | eventops.infra.scale_request(now().timestamp()) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(mistakes), a list of sentences; when that is empty, C(entry), C(wanted), C(bounds), C(cooldowns), C(until) and C(temporary).
  type: dict
"""

import secrets

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.mappings import request_as_mapping
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.request import InvalidRequest, read_request


def scale_request(variables, now):
    """Read a request."""
    if not isinstance(variables, dict):
        raise AnsibleFilterError("scale_request needs the variables of the role as a mapping")
    try:
        # A letter first: an id of digits would become a number where a rule passes it on.
        return request_as_mapping(read_request(variables, float(now)), f"t{secrets.token_hex(4)}")
    except InvalidRequest as error:
        # The name of a group may come from an event.
        return neutralize({"mistakes": error.mistakes})[0]


class FilterModule:
    """The filter."""

    def filters(self):
        return {"scale_request": scale_request}
