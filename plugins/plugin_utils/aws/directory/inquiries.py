# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By kind of fact: which service is asked, how, and for how many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory import containers, identity, machines, tagged
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.facts import HOLDERS, IDENTITY, MACHINES, TASKS, Fact
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import (
    ANYTHING,
    CONTAINER_INSTANCE,
    DATABASE,
    DATABASE_CLUSTER,
    GROUP,
    INSTANCE,
    TASK,
)


class Inquiry(NamedTuple):
    """How facts of a kind are asked for.

    :param action: what a policy of IAM has to allow.
    :param most: so many names in one request.
    :param ask: gets a client, the names and their scope; what AWS does not have is not in what it returns.
    :param absent: what is said of that.
    """

    service: str
    action: str
    most: int
    ask: Callable[[Any, Sequence[str], str], Awaitable[Mapping[str, Fact]]]
    absent: str


INQUIRIES: Mapping[str, Inquiry] = {
    INSTANCE: Inquiry("ec2", "ec2:DescribeInstances", machines.MOST_INSTANCES, machines.instances, "there is no such instance, or not any longer"),
    HOLDERS: Inquiry("ec2", "ec2:DescribeInstances", machines.MOST_INSTANCES, machines.holders, "nobody has it"),
    GROUP: Inquiry("autoscaling", "autoscaling:DescribeAutoScalingGroups", machines.MOST_GROUPS, machines.groups, "there is no such Auto Scaling group"),
    TASK: Inquiry("ecs", "ecs:DescribeTasks", containers.MOST, containers.tasks, "there is no such task, or not any longer"),
    CONTAINER_INSTANCE: Inquiry(
        "ecs", "ecs:DescribeContainerInstances", containers.MOST, containers.container_instances, "the cluster has no such container instance"
    ),
    TASKS: Inquiry("ecs", "ecs:ListTasks", containers.MOST_LISTED, containers.tasks_of_service, "the cluster has no such service"),
    MACHINES: Inquiry("ecs", "ecs:ListContainerInstances", containers.MOST_LISTED, containers.machines_of_cluster, "there is no such cluster"),
    DATABASE: Inquiry("rds", "rds:DescribeDBInstances", tagged.MOST_DATABASES, tagged.databases, "there is no such database"),
    DATABASE_CLUSTER: Inquiry("rds", "rds:DescribeDBClusters", tagged.MOST_DATABASES, tagged.database_clusters, "there is no such cluster of databases"),
    ANYTHING: Inquiry("resourcegroupstaggingapi", "tag:GetResources", tagged.MOST_ARNS, tagged.resources, "there is no such resource, or it has no tags"),
    IDENTITY: Inquiry("sts", "sts:GetCallerIdentity", identity.MOST_IDENTITIES, identity.identity, "AWS does not say whose account it is"),
}
