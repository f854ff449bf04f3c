# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which thing of AWS a case was about: what its newest event names, the most exact first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import found_at
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import CONTAINER_INSTANCE, INSTANCE, TASK, Resource, resource_of
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event

_DIMENSIONS = (
    "InstanceId",
    "AutoScalingGroupName",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "ServiceName",
    "ClusterName",
    "TargetGroup",
    "LoadBalancer",
    "LoadBalancerName",
)
_PATHS = ("detail.instance-id", "detail.EC2InstanceId", "detail.ec2InstanceId", "detail.AutoScalingGroupName", "detail.SourceArn")
_MOST_RESOURCES = 20
# They are gone in a moment, and ECS has others for them.
_FLEETING = (TASK, CONTAINER_INSTANCE)


def resource_about(event: Event) -> Resource | None:
    """Return what an event is about, where it can have a tag; None where it names nothing, or its tag would be an event again, and so for ever."""
    if event.type.startswith(("aws.tag.", "aws.config.")) or event.type.endswith("_via_cloud_trail"):
        return None
    return next((found for found in _named(event.data) if found is not None and found.kind not in _FLEETING), None)


def _named(data: Mapping[str, Any]) -> Iterator[Resource | None]:
    labels = data.get("labels")
    for dimension in _DIMENSIONS if isinstance(labels, Mapping) else ():
        # A dimension in which metrics differ is a list: the alarm is about none of them in particular.
        if isinstance(value := labels.get(dimension), str):
            yield resource_of(value, dimension, labels)
    for path in _PATHS:
        if isinstance(value := found_at(data, path), str):
            yield resource_of(value, path.rpartition(".")[2], {})
    resources = data.get("resources")
    for value in resources[:_MOST_RESOURCES] if isinstance(resources, list) else ():
        if isinstance(value, str):
            yield resource_of(value, "resources", {})
    if isinstance(stream := data.get("log_stream"), str) and (found := resource_of(stream, "log_stream", {})) is not None and found.kind == INSTANCE:
        yield found
