# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of AWS a value names, by its look or by the dimension that it is the value of.

The dimensions: Amazon CloudWatch's in the user guides of EC2, Auto Scaling, RDS, Elastic Load Balancing and ECS Container Insights. The forms of ARNs:
Service Authorization Reference.

Only what has the form that AWS gives such names is asked for: of a whole batch AWS would refuse all for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.ec2_instance import instance_in

INSTANCE, GROUP, TASK, CONTAINER_INSTANCE, SERVICE, CLUSTER = "instance", "group", "task", "container instance", "service", "cluster"
DATABASE, DATABASE_CLUSTER, ANYTHING = "database", "database cluster", "resource"

_ARN = re.compile(r"arn:aws[a-z-]{0,20}:(?P<service>[a-z0-9-]{1,60}):(?P<region>[a-z0-9-]{0,40}):(?P<account>[0-9]{12})?:(?P<rest>[!-~]{1,900})", re.ASCII)
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}"
_DATABASE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}", re.ASCII)
# Auto Scaling takes more, but neither quotes nor what is not printed.
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/+=@#()-]{0,254}", re.ASCII)
_OF_ECS = {
    TASK: re.compile(rf"task/(?:({_NAME})/)?([0-9a-f]{{32}}|[0-9a-f-]{{36}})", re.ASCII),
    CONTAINER_INSTANCE: re.compile(rf"container-instance/(?:({_NAME})/)?([0-9a-f]{{32}}|[0-9a-f-]{{36}})", re.ASCII),
    SERVICE: re.compile(rf"service/({_NAME})/({_NAME})", re.ASCII),
    CLUSTER: re.compile(rf"cluster/()({_NAME})", re.ASCII),
}
_BALANCER = re.compile(r"(?:app|net|gwy)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}", re.ASCII)
_TARGETS = re.compile(r"targetgroup/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}", re.ASCII)
_CLASSIC = re.compile(r"[A-Za-z0-9-]{1,32}", re.ASCII)
_CLUSTER_NAME = re.compile(_NAME, re.ASCII)


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing of AWS.

    `name` is its id or name, or its ARN for ANYTHING. Of an ARN that lacks its account, because a dimension names none, it is the part after that, and
    `service` says whose; `service` is empty otherwise. `region` and `account` are what an ARN says; `cluster` is that of ECS.
    """

    kind: str
    name: str
    region: str = ""
    account: str = ""
    cluster: str = ""
    service: str = ""


def resource_of(value: str, of: str, beside: Mapping[str, object]) -> Resource | None:
    """Return what a value names; None where that cannot be told.

    :param of: the name of the dimension, or the last key of the path, that has the value.
    :param beside: the other dimensions: a service of ECS is one of a cluster.
    """
    if value.startswith("arn:"):
        return _of_arn(value, beside)
    if (instance := instance_in(value)) is not None:
        return Resource(INSTANCE, instance)
    if of == "AutoScalingGroupName":
        return Resource(GROUP, value) if _GROUP.fullmatch(value) else None
    if of in ("DBInstanceIdentifier", "DBClusterIdentifier"):
        kind = DATABASE if of == "DBInstanceIdentifier" else DATABASE_CLUSTER
        return Resource(kind, value.lower()) if _DATABASE.fullmatch(value) else None
    return _of_ecs_dimension(value, of, beside) or _of_balancer_dimension(value, of)


def _of_arn(arn: str, beside: Mapping[str, object]) -> Resource | None:
    found = _ARN.fullmatch(arn)
    if found is None:
        return None
    service, rest, where = found["service"], found["rest"], {"region": found["region"], "account": found["account"] or ""}
    if (instance := instance_in(arn)) is not None:
        return Resource(INSTANCE, instance, **where)
    if service == "autoscaling" and rest.startswith("autoScalingGroup:"):
        name = rest.partition(":autoScalingGroupName/")[2]
        return Resource(GROUP, name, **where) if _GROUP.fullmatch(name) else None
    if service == "rds" and rest.startswith(("db:", "cluster:")):
        kind, _colon, name = rest.partition(":")
        found_kind = DATABASE if kind == "db" else DATABASE_CLUSTER
        return Resource(found_kind, name, **where) if _DATABASE.fullmatch(name) else None
    if service == "ecs":
        for kind, form in _OF_ECS.items():
            if parts := form.fullmatch(rest):
                # Old ARNs of tasks do not say in which cluster they are.
                cluster = parts[1] or (parts[2] if kind == CLUSTER else _cluster_beside(beside))
                return Resource(kind, arn, cluster=cluster, **where) if cluster else None
    return Resource(ANYTHING, arn, **where)


def _of_ecs_dimension(value: str, of: str, beside: Mapping[str, object]) -> Resource | None:
    if of == "ClusterName" and _CLUSTER_NAME.fullmatch(value):
        return Resource(CLUSTER, f"cluster/{value}", cluster=value, service="ecs")
    cluster = _cluster_beside(beside)
    if of == "ServiceName" and cluster and _CLUSTER_NAME.fullmatch(value):
        return Resource(SERVICE, f"service/{cluster}/{value}", cluster=cluster, service="ecs")
    if of == "TaskId" and cluster and _OF_ECS[TASK].fullmatch(f"task/{value}"):
        return Resource(TASK, value, cluster=cluster)
    return None


def _of_balancer_dimension(value: str, of: str) -> Resource | None:
    balancing = "elasticloadbalancing"
    if of == "LoadBalancer" and _BALANCER.fullmatch(value):
        return Resource(ANYTHING, f"loadbalancer/{value}", service=balancing)
    if of == "TargetGroup" and _TARGETS.fullmatch(value):
        return Resource(ANYTHING, value, service=balancing)
    if of == "LoadBalancerName" and _CLASSIC.fullmatch(value):
        return Resource(ANYTHING, f"loadbalancer/{value}", service=balancing)
    return None


def _cluster_beside(beside: Mapping[str, object]) -> str:
    cluster = beside.get("ClusterName")
    return cluster if isinstance(cluster, str) and _CLUSTER_NAME.fullmatch(cluster) else ""
