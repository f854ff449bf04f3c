# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that modules for AWS share: how it is reached. There is none for a key: keys come from where AWS's own tools look for them."""

from __future__ import annotations

from ansible.module_utils.basic import env_fallback

ACCESS = {
    # boto3 alone does not read AWS_REGION, which AWS's own services set.
    "region": {"type": "str", "fallback": (env_fallback, ["AWS_REGION", "AWS_DEFAULT_REGION"])},
    "profile": {"type": "str"},
    "endpoint_url": {"type": "str"},
    "role_arn": {"type": "str"},
    # AWS takes it for no secret. As one, a common word would be blotted out of all that a module returns.
    "external_id": {"type": "str", "no_log": False},
}
