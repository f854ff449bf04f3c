# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: scale_measurement
short_description: Check what was measured of a group of instances
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Takes what a provider measured, or the JSON that a program printed, and says what is wrong with it. Text in it is neutralised, so that no template
    can come from it.
  - It is made for the role P(eventops.infra.scale#role).
options:
  _input:
    description: The mapping, or JSON as a text. An empty one is no error, and gives an empty one.
    type: raw
    required: true
  record:
    description: What was written down with the last change, where the measurement does not have it.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Check it
  ansible.builtin.debug:
    msg: "{{ '{\"desired\": 2, \"serving\": 2}' | eventops.infra.scale_measurement }}"
"""

RETURN = r"""
_value:
  description: C(measured), the mapping with all of its keys, or an empty one; and C(problem), what is wrong with it, or empty.
  type: dict
"""

import json

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.mappings import measured_as_mapping
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import InvalidMeasurement, read_measured

_LONGEST = 1_000_000


def scale_measurement(measured, record=""):
    """Check a measurement."""
    if measured in ("", {}):
        return {"measured": {}, "problem": ""}
    try:
        mapping = _parsed(measured) if isinstance(measured, str) else measured
        if isinstance(mapping, dict) and record and not mapping.get("record"):
            mapping = {**mapping, "record": record}
        found = measured_as_mapping(read_measured(mapping))
    except (InvalidMeasurement, RecursionError) as error:
        return neutralize({"measured": {}, "problem": f"what was measured cannot be used: {error}"})[0]
    return {"measured": neutralize(found)[0], "problem": ""}


def _parsed(text):
    if len(text) > _LONGEST:
        raise InvalidMeasurement(f"expected JSON of at most {_LONGEST} characters, got {len(text)}")
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidMeasurement(f'expected JSON such as {{"desired": 2, "serving": 2}}, got {text.strip()[:60]!r}') from error


class FilterModule:
    """The filter."""

    def filters(self):
        return {"scale_measurement": scale_measurement}
