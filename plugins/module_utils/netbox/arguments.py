# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that modules for NetBox share: those of the collection netbox.netbox, with its names."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import PYNETBOX_IMPORT_ERROR, NetBox

CONNECTION = {
    "netbox_url": {"type": "str", "required": True},
    "netbox_token": {"type": "str", "required": True, "no_log": True},
    "validate_certs": {"type": "raw", "default": True},
    "cert": {"type": "raw"},
    "headers": {"type": "dict", "no_log": True},
}
STATE = {"state": {"type": "str", "default": "present", "choices": ["present", "absent"]}}


def connect(module: AnsibleModule) -> NetBox:
    """Return the NetBox that a module's options name; end the module where pynetbox is missing."""
    if PYNETBOX_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("pynetbox>=7.6"), exception=PYNETBOX_IMPORT_ERROR)
    given = module.params
    if not given["netbox_url"].startswith(("http://", "https://")):
        module.fail_json(msg=f"netbox_url: must be where NetBox is, such as https://netbox.example.com, got {given['netbox_url']!r}")
    return NetBox(given["netbox_url"], given["netbox_token"], _verify(given["validate_certs"]), given["cert"], given["headers"])


def _verify(written: object) -> object:
    """A boolean may come as text, and so may the path of a CA."""
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    return words.get(written.lower(), written) if isinstance(written, str) else bool(written)
