# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules that make things in AWS has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Whose a thing is."""

    DOCUMENTATION = r"""
options:
  owner:
    description: The value of the tag C(eventops:managed-by), which says who made it. The module touches only what has this one.
    type: str
    required: true
  tags:
    description: Further tags. Those that it has and that are not named here stay.
    type: dict
    default: {}
  state:
    description: Whether it is to be there.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    description: Says what would change, and changes nothing. What AWS would refuse is only found out without it.
    support: full
  diff_mode:
    description: Shows the fields that differ, before and after.
    support: full
"""
