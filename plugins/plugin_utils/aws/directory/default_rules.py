# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the host of an event of AWS is, unless the rulebook says otherwise: one list for alarms, events of EventBridge, notifications and log lines.

It asks AWS nothing, so that it needs no right, and believes no tag: whoever may write those could point to another host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NO_HOST

_VARIABLE = "instance_id"  # what the inventory plugin amazon.aws.aws_ec2 calls it


def _instance(**where: str) -> Iterator[Mapping[str, Any]]:
    """Yield two rules: for the host whose variable has the id, and for the host that is called by the id, which the inventory may lack.

    In the second one nothing but an id counts: whoever may create alarms or send events could write the name of any host there.
    """
    yield {"hostvar": _VARIABLE, **where}
    yield {**where, "only": "instance"}


DEFAULT_HOSTS: tuple[str | Mapping[str, Any], ...] = (
    *_instance(label="InstanceId"),
    # The agent of CloudWatch gives this to a machine that has no InstanceId.
    {"label": "host"},
    # EC2 and Systems Manager; Auto Scaling; GuardDuty; what has instances among its resources, such as AWS Health.
    *_instance(path="detail.instance-id"),
    *_instance(path="detail.EC2InstanceId"),
    *_instance(path="detail.ec2InstanceId"),
    *_instance(path="detail.resource.instanceDetails.instanceId"),
    *_instance(path="resources", only="instance"),
    # The agent's streams have the name of the instance by default.
    *_instance(path="log_stream", only="instance"),
    # Only what names no instance at all gets as far as this.
    NO_HOST,
)
