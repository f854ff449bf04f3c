# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask for the tags of databases, and of whatever else has an ARN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Fact, Tagged, tags_of

MOST_DATABASES = 100
MOST_ARNS = 100  # AWS Resource Groups Tagging API Reference, GetResources


async def databases(rds: Any, names: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for instances of RDS; by a filter, which passes over those that do not exist."""
    pages = rds.get_paginator("describe_db_instances").paginate(Filters=[{"Name": "db-instance-id", "Values": list(names)}])
    return {each["DBInstanceIdentifier"]: Tagged(tags_of(each.get("TagList"))) async for page in pages for each in page["DBInstances"]}


async def database_clusters(rds: Any, names: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for clusters of RDS."""
    pages = rds.get_paginator("describe_db_clusters").paginate(Filters=[{"Name": "db-cluster-id", "Values": list(names)}])
    return {each["DBClusterIdentifier"]: Tagged(tags_of(each.get("TagList"))) async for page in pages for each in page["DBClusters"]}


async def resources(tagging: Any, arns: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for the tags of anything, by its ARN."""
    pages = tagging.get_paginator("get_resources").paginate(ResourceARNList=list(arns))
    return {each["ResourceARN"]: Tagged(tags_of(each.get("Tags"))) async for page in pages for each in page["ResourceTagMappingList"]}
