# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: scale_decision
short_description: Decide whether a group of instances is scaled, and to how many
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Decides from what was measured of a group, what is asked, its bounds and cooldowns, and the time. It asks nobody, and changes nothing.
  - It is made for the role P(eventops.infra.scale#role).
options:
  _input:
    description: What was measured, as the role's README describes it.
    type: dict
    required: true
  request:
    description: What P(eventops.infra.scale_request#filter) returned, without mistakes.
    type: dict
    required: true
  now:
    description: The time, in seconds since the epoch.
    type: float
    required: true
  case:
    description: The number of the case that it is for, to write it down.
    type: int
"""

EXAMPLES = r"""
- name: Decide
  ansible.builtin.set_fact:
    decision: "{{ {'desired': 2, 'serving': 2} | eventops.infra.scale_decision(request, now().timestamp()) }}"
"""

RETURN = r"""
_value:
  description: >-
    C(verdict), which is C(scale), C(leave) or C(refuse), and C(why); of C(scale) also C(to), and C(record), the line that is to be kept at the group.
  type: dict
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.decision import Moment, decide
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.mappings import decision_as_mapping, wanted_of
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import InvalidMeasurement, read_measured


def scale_decision(measured, request, now, case=None):
    """Decide."""
    try:
        group = read_measured(measured)
        wanted, bounds, cooldowns = wanted_of(request)
    except InvalidMeasurement as error:
        return neutralize({"verdict": "refuse", "why": f"what was measured cannot be used: {error}"})[0]
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"scale_decision needs what scale_request returned without mistakes, but {error.__class__.__name__}: {error}") from error
    return neutralize(decision_as_mapping(decide(group, wanted, bounds, cooldowns, Moment(float(now), case or None, request.get("temporary")))))[0]


class FilterModule:
    """The filter."""

    def filters(self):
        return {"scale_decision": scale_decision}
