# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where an event names an instance of EC2: what stands there decides which host it is about, and nothing that stands elsewhere in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.ec2_instance import instance_in
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH

# A dimension of CloudWatch; EC2 and Systems Manager; Auto Scaling; GuardDuty. Others spell their labels otherwise.
_KEYS = frozenset({"InstanceId", "instance-id", "EC2InstanceId", "ec2InstanceId", "instanceId"})


def names_an_instance(rule: Mapping[str, Any], key: str, texts: Sequence[str]) -> bool:
    """Tell whether a rule has found the name of an instance, by where it looked or by what stands there.

    :param key: the label, or the last key of the path.
    :param texts: what stands there.
    """
    return bool(texts) and (key in _KEYS or (("only" in rule or "by" in rule) and any(map(instance_in, texts))))


def no_hosts_name(key: str, value: str) -> str:
    """Return a value whose host is not known, in a form that no host can have: only instances may be called what they are in AWS."""
    is_in_aws = instance_in(value) is not None or value.startswith("arn:")
    return (value if is_in_aws else f"{key}={value}")[:MAX_HOST_LENGTH]
