# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules for AWS has in common."""

from __future__ import annotations


class ModuleDocFragment:
    """How AWS is reached."""

    DOCUMENTATION = r"""
options:
  region:
    description:
      - The region, such as V(eu-central-1).
      - By default E(AWS_REGION), E(AWS_DEFAULT_REGION), or the region of the profile.
    type: str
  profile:
    description: The profile of AWS's configuration files to use. By default E(AWS_PROFILE), else C(default).
    type: str
  endpoint_url:
    description:
      - The address of AWS's API, where that is not AWS's own, such as that of a VPC endpoint.
      - By default E(AWS_ENDPOINT_URL), the one of a service (E(AWS_ENDPOINT_URL_AUTO_SCALING)), the profile's, or AWS's own.
    type: str
  role_arn:
    description: The ARN of a role to assume with the credentials that are there, such as V(arn:aws:iam::123456789012:role/eventops).
    type: str
  external_id:
    description: The external id that a role of somebody else asks for. To AWS it is no secret, and it may be seen in a log.
    type: str
requirements:
  - boto3 >= 1.37 where the module runs
notes:
  - >-
    Credentials come from where AWS's own tools look for them, in this order: the environment, the profile (also a web identity or single sign-on), the role
    of the container or of the machine. There is no option for a key.
  - >-
    It runs where Ansible connects to, and asks AWS from there. Mostly that is C(localhost). Where boto3 is in the Python that runs Ansible, such as that of a
    virtual environment, set C(ansible_python_interpreter) of that host to C({{ ansible_playbook_python }}).
author:
  - eventops.infra contributors (@eventops)
"""
