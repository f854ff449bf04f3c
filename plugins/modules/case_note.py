# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: case_note
short_description: Write notes into the cases that this run is for
version_added: 0.1.0
description:
  - Writes down in the history of a case what a playbook found and did on a host.
  - The cases are those of the event that started the run. Of a run for several cases they are those whose hosts have the host of the task; a case about no
    host is for C(localhost).
  - By hand there is no event, so nothing is written, and the task succeeds.
  - A router that cannot be asked is no reason to stop healing. The task succeeds, and RV(problems) says what was not written down.
options:
  notes:
    description: What to write down, one note an element. Each is kept as one line of at most 1000 characters, and no more than 50 of them.
    type: list
    elements: str
    required: true
  by:
    description: Who writes it. By default the user that runs the playbook.
    type: str
extends_documentation_fragment:
  - eventops.infra.router
attributes:
  check_mode:
    description: Says for which cases it would write, and writes nothing.
    support: full
  diff_mode:
    description: Shows no difference.
    support: none
seealso:
  - module: eventops.infra.case
"""

EXAMPLES = r"""
- name: Tell the case what was found
  eventops.infra.case_note:
    notes:
      - "{{ inventory_hostname }}: the disk is full of core dumps"
"""

RETURN = r"""
cases:
  description: The numbers of the cases that have the notes now.
  returned: always
  type: list
  elements: int
  sample: [17]
problems:
  description: What was not written down, and why.
  returned: always
  type: list
  elements: str
"""
