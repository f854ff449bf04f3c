# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask ECS on which instances its tasks run. What runs on Fargate runs on none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import Absent, Fact, Listed

MOST = 100  # tasks, and container instances (Amazon ECS API Reference)
MOST_LISTED = 1  # ListTasks is about one service


async def tasks(ecs: Any, names: Sequence[str], cluster: str) -> Mapping[str, Fact]:
    """Ask for the container instances of tasks, by their ARNs or ids."""
    found: dict[str, Fact] = {}
    for task in (await ecs.describe_tasks(cluster=cluster, tasks=list(names)))["tasks"]:
        container = task.get("containerInstanceArn")
        fact = Listed((container,)) if container else Absent("runs on no instance, but on Fargate")
        found[task["taskArn"]] = found[task["taskArn"].rpartition("/")[2]] = fact
    return found


async def container_instances(ecs: Any, arns: Sequence[str], cluster: str) -> Mapping[str, Fact]:
    """Ask for the instances of EC2 that are the container instances of a cluster."""
    found: dict[str, Fact] = {}
    for each in (await ecs.describe_container_instances(cluster=cluster, containerInstances=list(arns)))["containerInstances"]:
        instance = each.get("ec2InstanceId") or ""
        found[each["containerInstanceArn"]] = Listed((instance,)) if instance.startswith("i-") else Absent("is no instance of EC2")
    return found


async def tasks_of_service(ecs: Any, names: Sequence[str], cluster: str) -> Mapping[str, Fact]:
    """Ask for the tasks that a service runs as."""
    (service,) = names
    arns: list[str] = []
    async for page in ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=service, desiredStatus="RUNNING"):
        arns += page["taskArns"]
    return {service: Listed(tuple(arns))}


async def machines_of_cluster(ecs: Any, names: Sequence[str], cluster: str) -> Mapping[str, Fact]:
    """Ask for the container instances of a cluster."""
    arns: list[str] = []
    async for page in ecs.get_paginator("list_container_instances").paginate(cluster=cluster, status="ACTIVE"):
        arns += page["containerInstanceArns"]
    return {name: Listed(tuple(arns)) for name in names}
