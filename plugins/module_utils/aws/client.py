# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client of one of AWS's services, made of a module's options."""

from __future__ import annotations

import traceback
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.eventops.infra.plugins.module_utils.aws.errors import AWSError, insist_on_aws, told_in_one_line

BOTO3_IMPORT_ERROR = None
try:
    import boto3
    from botocore.config import Config
except ImportError:
    BOTO3_IMPORT_ERROR = traceback.format_exc()

_SESSION_NAME = "eventops"  # what AWS's own log of who did what has for an assumed role


def client(module: AnsibleModule, service: str, once_within: int | None = None) -> object:
    """Return a boto3 client; end the module, with a message for its reader, where there is none to be had.

    Args:
        module: one whose options have those of `ACCESS`.
        service: as boto3 names it, such as autoscaling.
        once_within: seconds that an answer may take where nothing is to be asked twice; by default it is tried again.
    """
    if BOTO3_IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("boto3>=1.37"), exception=BOTO3_IMPORT_ERROR)
    given = module.params
    if given["external_id"] and not given["role_arn"]:
        module.fail_json(msg="external_id: belongs to a role that is assumed, so role_arn must be given, too")
    if given["endpoint_url"] and not _is_endpoint(given["endpoint_url"]):
        module.fail_json(msg="endpoint_url: must be where AWS's API is, such as https://vpce-1.autoscaling.eu-central-1.vpce.amazonaws.com, without a user")
    try:
        with told_in_one_line(f"a client of {service} was made"):
            return _client(given, service, once_within)
    except AWSError as error:
        module.fail_json(msg=str(error))


def _client(given, service, once_within):
    session = boto3.session.Session(region_name=given["region"], profile_name=given["profile"])
    if given["role_arn"]:
        session = _assumed(session, given)
    return _made(session, service, given, _config(once_within))


def _made(session, service, given, config):
    made = session.client(service, endpoint_url=given["endpoint_url"], config=config)
    made.meta.events.register("before-parse", insist_on_aws)
    return made


def _assumed(session, given):
    of_the_role = {"RoleArn": given["role_arn"], "RoleSessionName": _SESSION_NAME}
    if given["external_id"]:
        of_the_role["ExternalId"] = given["external_id"]
    got = _made(session, "sts", given, _config()).assume_role(**of_the_role)["Credentials"]
    return boto3.session.Session(
        region_name=session.region_name,
        aws_access_key_id=got["AccessKeyId"],
        aws_secret_access_key=got["SecretAccessKey"],
        aws_session_token=got["SessionToken"],
    )


def _config(once_within=None):
    # A task must end: botocore's own waits are 60 s a try.
    retries = {"mode": "standard", "max_attempts": 0 if once_within else 5}
    return Config(connect_timeout=5, read_timeout=once_within or 30, retries=retries, user_agent_extra="eventops.infra")


def _is_endpoint(written: str) -> bool:
    try:
        parts = urlsplit(written)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
