# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that modules for Azure share: how it is reached. There is none for a secret: it comes from where azure.azcollection looks for it."""

from __future__ import annotations

import re

from ansible.module_utils.basic import AnsibleModule, env_fallback

ACCESS = {
    "subscription_id": {"type": "str"},
    "profile": {"type": "str"},
    "auth_source": {
        "type": "str",
        "choices": ["auto", "cli", "env", "credential_file", "msi"],
        "default": "auto",
        "fallback": (env_fallback, ["ANSIBLE_AZURE_AUTH_SOURCE"]),
    },
    "cloud_environment": {"type": "str", "default": "AzureCloud", "fallback": (env_fallback, ["AZURE_CLOUD_ENVIRONMENT"])},
}
SCALE_SET = {"resource_group": {"type": "str", "required": True}, "name": {"type": "str", "required": True}}

# They become parts of a path, so nothing that ends one may be in them. "Naming rules and restrictions for Azure resources".
_RESOURCE_GROUP = re.compile(r"[\w().-]{0,89}[\w()-]")
_SCALE_SET = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?")
_SUBSCRIPTION = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def check_names(module: AnsibleModule) -> None:
    """End the module when what it was given can be no name in Azure."""
    given = module.params
    expected = {
        "resource_group": (_RESOURCE_GROUP, "up to 90 letters, digits and characters of ._-(), without a full stop at the end"),
        "name": (_SCALE_SET, "up to 64 letters, digits and characters of ._-, as Azure allows it for a scale set"),
        "subscription_id": (_SUBSCRIPTION, "a UUID"),
    }
    for option, (pattern, what) in expected.items():
        if given[option] is not None and not pattern.fullmatch(given[option]):
            module.fail_json(msg=f"{option}: expected {what}, got {given[option]!r}")
