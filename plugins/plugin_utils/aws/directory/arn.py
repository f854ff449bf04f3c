# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ARNs of what a dimension names, or a database that is known by its name."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import DATABASE, DATABASE_CLUSTER, Resource

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f"}
_OF_RDS = {DATABASE: "db", DATABASE_CLUSTER: "cluster"}


def arn_of(resource: Resource, region: str, account: str) -> str:
    """Return the ARN of a resource in a region of an account.

    :param account: its number.
    """
    if resource.name.startswith("arn:"):
        return resource.name
    service, name = ("rds", f"{_OF_RDS[resource.kind]}:{resource.name}") if resource.kind in _OF_RDS else (resource.service, resource.name)
    partition = next((partition for begin, partition in _PARTITIONS.items() if region.startswith(begin)), "aws")
    return f"arn:{partition}:{service}:{region}:{account}:{name}"
