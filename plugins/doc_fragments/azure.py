# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules for Azure has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """How Azure is reached."""

    DOCUMENTATION = r"""
options:
  subscription_id:
    description: The subscription. By default the one of the credentials, such as E(AZURE_SUBSCRIPTION_ID).
    type: str
  profile:
    description: The profile of C(~/.azure/credentials) to use. By default E(AZURE_PROFILE), else C(default).
    type: str
  auth_source:
    description:
      - Where the credentials are. V(auto) looks at O(profile), the environment, C(~/.azure/credentials) and the login of the Azure CLI, in this order.
      - V(msi) takes the identity of the machine that the module runs on, with E(AZURE_CLIENT_ID) where that has several.
      - By default E(ANSIBLE_AZURE_AUTH_SOURCE), else V(auto).
    type: str
    choices: [auto, cli, env, credential_file, msi]
    default: auto
  cloud_environment:
    description: Which of Azure's clouds, such as V(AzureChinaCloud). By default E(AZURE_CLOUD_ENVIRONMENT), else V(AzureCloud).
    type: str
    default: AzureCloud
  resource_group:
    description: The resource group of the scale set.
    type: str
    required: true
  name:
    description: The name of the scale set.
    type: str
    required: true
requirements:
  - the collection azure.azcollection, and the Python packages of its C(requirements.txt) where the module runs
notes:
  - >-
    Credentials come from where the modules of azure.azcollection look for them: E(AZURE_CLIENT_ID), E(AZURE_SECRET), E(AZURE_TENANT) and
    E(AZURE_SUBSCRIPTION_ID), a profile, the identity of the machine, or the Azure CLI. There is no option for a secret.
  - It runs where Ansible connects to, and asks Azure from there. Mostly that is C(localhost).
  - It was checked by a double of Azure's API that follows its documentation, not against Azure.
seealso:
  - name: azure.azcollection
    description: The collection whose credentials these modules use.
    link: https://docs.ansible.com/ansible/latest/collections/azure/azcollection/index.html
author:
  - eventops.infra contributors (@eventops)
"""
