# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask EC2 for instances, and Auto Scaling for groups: many in one request, which one that does not exist does not fail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import (
    PRIVATE_DNS_NAME,
    PRIVATE_IP_ADDRESS,
    Fact,
    Group,
    Instance,
    Listed,
    tags_of,
)

MOST_INSTANCES = 200  # values of one filter (Amazon EC2 API Reference, DescribeInstances)
MOST_GROUPS = 50  # names (Amazon EC2 Auto Scaling API Reference, DescribeAutoScalingGroups)

_PAGE = 1000
# What is shutting down is gone before anything could be done on it, and its successor may have its name already.
_THERE = ("pending", "running", "stopping", "stopped")
_IN_SERVICE = "InService"
_FILTERS = {PRIVATE_DNS_NAME: "private-dns-name", PRIVATE_IP_ADDRESS: "private-ip-address"}
_PLAIN = str.maketrans({character: f"\\{character}" for character in "\\*?"})


async def instances(ec2: Any, ids: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for instances. By a filter: a list of ids would fail as a whole for one that EC2 does not know."""
    return {each["InstanceId"]: _instance(each) async for each in _described(ec2, "instance-id", ids)}


async def holders(ec2: Any, names: Sequence[str], by: str) -> Mapping[str, Fact]:
    """Ask which instances have some names, by a property of theirs."""
    found: dict[str, list[str]] = {name: [] for name in names}
    # A filter takes * and ? for any characters (Amazon EC2 User Guide, "Filter values").
    async for each in _described(ec2, _FILTERS.get(by, by), [name.translate(_PLAIN) for name in names]):
        instance = _instance(each)
        if (name := instance.called(by)) in found:
            found[name].append(instance.id)
    return {name: Listed(tuple(ids)) for name, ids in found.items()}


async def groups(autoscaling: Any, names: Sequence[str], _scope: str) -> Mapping[str, Fact]:
    """Ask for Auto Scaling groups."""
    found: dict[str, Fact] = {}
    async for page in autoscaling.get_paginator("describe_auto_scaling_groups").paginate(AutoScalingGroupNames=list(names)):
        for group in page["AutoScalingGroups"]:
            in_service = tuple(each["InstanceId"] for each in group.get("Instances", ()) if each.get("LifecycleState") == _IN_SERVICE)
            found[group["AutoScalingGroupName"]] = Group(tags_of(group.get("Tags")), in_service)
    return found


async def _described(ec2: Any, name: str, values: Sequence[str]) -> AsyncIterator[Mapping[str, Any]]:
    filters = [{"Name": name, "Values": list(values)}, {"Name": "instance-state-name", "Values": list(_THERE)}]
    async for page in ec2.get_paginator("describe_instances").paginate(Filters=filters, PaginationConfig={"PageSize": _PAGE}):
        for reservation in page["Reservations"]:
            for each in reservation["Instances"]:
                yield each


def _instance(each: Mapping[str, Any]) -> Instance:
    return Instance(each["InstanceId"], tags_of(each.get("Tags")), each.get("PrivateDnsName") or "", each.get("PrivateIpAddress") or "")
