# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules for NetBox has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """How NetBox is reached, with the names that the collection netbox.netbox has for it."""

    DOCUMENTATION = r"""
options:
  netbox_url:
    description:
      - Where NetBox is, without C(/api), such as V(https://netbox.example.com).
      - A redirect is not followed. Write the address that NetBox itself has.
    type: str
    required: true
  netbox_token:
    description: An API token, of version 1, or of version 2 as NetBox shows it (C(nbt_<key>.<token>)).
    type: str
    required: true
  validate_certs:
    description: Whether the certificate of NetBox is checked, or the path of the CA certificates that it is checked with.
    type: raw
    default: true
  cert:
    description: The path of a client certificate with its key, or a list of the path of the certificate and the path of the key.
    type: raw
  headers:
    description: Further headers of every request, for a proxy in front of NetBox.
    type: dict
requirements:
  - pynetbox >= 7.6 where the module runs
notes:
  - It runs where Ansible connects to, and asks NetBox from there. Mostly that is C(localhost).
seealso:
  - name: netbox.netbox
    description: The collection with modules for what else NetBox keeps.
    link: https://docs.ansible.com/ansible/latest/collections/netbox/netbox/index.html
author:
  - eventops.infra contributors (@eventops)
"""
