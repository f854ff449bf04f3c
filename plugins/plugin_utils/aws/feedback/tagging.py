# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write a tag on something of AWS: by its own service where that is EC2, Auto Scaling or RDS, else by its ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.arn import arn_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import DATABASE, DATABASE_CLUSTER, GROUP, INSTANCE, Resource

if TYPE_CHECKING:
    from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.clients import Clients


class NotTagged(Exception):
    """The service of a resource did not take the tag, or the tagging API does not know such resources; the text says which.

    `may_pass` tells whether another try may help: a service that did not answer looks like one that is not supported (AWS Resource Groups Tagging API
    Reference, FailureInfo).
    """

    def __init__(self, text: str, may_pass: bool) -> None:
        super().__init__(text)
        self.may_pass = may_pass


def needs_account(resource: Resource) -> bool:
    """Tell whether the number of its account is needed to name a resource."""
    return resource.kind not in (INSTANCE, GROUP) and not resource.name.startswith("arn:")


async def write_tag(clients: Clients, place: Place, account: str, resource: Resource, key: str, value: str) -> None:
    """Write a tag. Raises AWS_ERRORS and NotTagged.

    :param account: its number, where `needs_account` says so.
    """
    tags = [{"Key": key, "Value": value}]
    if resource.kind == INSTANCE:
        await (await clients.get(place, "ec2")).create_tags(Resources=[resource.name], Tags=tags)
    elif resource.kind == GROUP:
        # Not on the instances that it starts: the case is not theirs.
        tag = {"ResourceId": resource.name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False, **tags[0]}
        await (await clients.get(place, "autoscaling")).create_or_update_tags(Tags=[tag])
    elif resource.kind in (DATABASE, DATABASE_CLUSTER):
        await (await clients.get(place, "rds")).add_tags_to_resource(ResourceName=arn_of(resource, place.region, account), Tags=tags)
    else:
        arn = arn_of(resource, place.region, account)
        answer = await (await clients.get(place, "resourcegroupstaggingapi")).tag_resources(ResourceARNList=[arn], Tags={key: value})
        for failed in answer.get("FailedResourcesMap", {}).values():
            code = failed.get("ErrorCode")
            raise NotTagged(f"TagResources: {code}: {failed.get('ErrorMessage')}", may_pass=code == "InternalServiceException")
