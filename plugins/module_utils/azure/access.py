# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Azure, reached with the credentials of azure.azcollection, which are found in the same places.

Its modules (version 3.12) do not scale a scale set:

- azure_rm_virtualmachinescaleset, given a capacity, also sets the caching of the disk, the orchestration mode, the fault domains, overprovision and
  the placement group, to its defaults where the task says nothing;
- azure_rm_resource sends exactly what it is told, but neither waits after an answer of 429, nor passes on an If-Match, nor has a check mode;
- azure_rm_resource_info sends a next page's whole address as a parameter that Azure ignores, and goes on for ever;
- each of them loads all of Azure's clients before its one request, which takes seconds, and one look at a scale set needs four.
"""

from __future__ import annotations

import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManager
from ansible_collections.eventops.infra.plugins.module_utils.one_line import one_line

IMPORT_ERROR = None
try:
    from ansible_collections.azure.azcollection.plugins.module_utils.azure_rm_common import HAS_AZURE, HAS_AZURE_CLI_CORE, HAS_AZURE_EXC, AzureRMAuth

    if not HAS_AZURE or not HAS_AZURE_CLI_CORE:
        IMPORT_ERROR = HAS_AZURE_EXC or "azure-cli-core is missing"
except ImportError:
    IMPORT_ERROR = traceback.format_exc()


def resource_manager(module: AnsibleModule) -> ResourceManager:
    """Return the Resource Manager that a module's options lead to; end the module where there is none to be had.

    Args:
        module: one whose options have those of `ACCESS`.
    """
    if IMPORT_ERROR:
        what = "azure.azcollection, with the Python packages of its requirements.txt for the Python that runs the module"
        module.fail_json(msg=missing_required_lib(what), exception=IMPORT_ERROR)
    given = {name: module.params[name] for name in ("subscription_id", "profile", "auth_source", "cloud_environment")}

    def fail(msg: str, **_more: object) -> None:
        module.fail_json(msg=f"Azure was not asked: {one_line(msg)}")

    auth = AzureRMAuth(fail_impl=fail, **given)
    return ResourceManager(auth.azure_credential_track2, auth._cloud_environment.endpoints.resource_manager, given["subscription_id"] or auth.subscription_id)
