# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: scale_progress
short_description: Tell whether a group of instances has become what it was set to
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Compares what was measured of a group with what it was before, and with the number that it was set to.
  - It is made for the role P(eventops.infra.scale#role).
options:
  _input:
    description: What was measured, as the role's README describes it.
    type: dict
    required: true
  before:
    description: What was measured before the group was set.
    type: dict
    required: true
  to:
    description: The number of instances that it was set to.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: Compare
  ansible.builtin.debug:
    msg: "{{ {'desired': 3, 'serving': 3} | eventops.infra.scale_progress({'desired': 2, 'serving': 2}, 3) }}"
"""

RETURN = r"""
_value:
  description: C(arrived); C(came) and C(went), names of instances; C(missing), which is not as it should be, or empty.
  type: dict
"""

from dataclasses import asdict

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import InvalidMeasurement, read_measured
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.progress import progress


def scale_progress(measured, before, to):
    """Compare. What cannot be read has not arrived: it is asked again."""
    try:
        found = asdict(progress(read_measured(before), read_measured(measured), int(to)))
    except InvalidMeasurement as error:
        found = {"arrived": False, "came": [], "went": [], "missing": f"what was measured cannot be used: {error}"}
    # Tuples become lists by that.
    return neutralize(found)[0]


class FilterModule:
    """The filter."""

    def filters(self):
        return {"scale_progress": scale_progress}
