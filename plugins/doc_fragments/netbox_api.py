# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules that compare hosts with NetBox has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """How NetBox is reached, and where these modules run."""

    DOCUMENTATION = r"""
options:
  url:
    description: Where NetBox is, such as V(https://netbox.example.com).
    type: str
    required: true
  token:
    description: A token of NetBox, of version 2 (C(nbt_...)) or 1. It is never shown.
    type: str
    required: true
  validate_certs:
    description: Whether NetBox's certificate is checked.
    type: bool
    default: true
  ca_path:
    description: A file of certificates to trust instead of the system's.
    type: path
  timeout:
    description: Seconds that a request may take.
    type: float
    default: 30
attributes:
  action:
    description: Runs on the controller, whatever the host of the play is, and needs no connection to it.
    support: full
  async:
    description: Supports being run in the background.
    support: none
requirements:
  - python >= 3.11 on the controller
notes:
  - Text of hosts and of NetBox in what it returns is neutralised. No template can come from it, and a C({) that could begin one is a fullwidth one.
author:
  - eventops.infra contributors (@eventops)
"""
