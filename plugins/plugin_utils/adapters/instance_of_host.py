# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instance of EC2 a host is, as the inventory has it: whoever may write a tag or a name of DNS has no say in that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.ec2_instance import instance_in

# The inventory plugin amazon.aws.aws_ec2 calls it so, with a prefix and a suffix that may be chosen; the connection by Systems Manager does, too.
_ID = "instance_id"
# What the older inventory of EC2 called it; and where a host is reached through Systems Manager.
_OTHERS = frozenset({"ec2_id", "ansible_host"})


def why_another(host: str, variables: Mapping[str, Any], instance: str) -> str | None:
    """Say why a host is not this instance: none of the ids in its variables is this one. None where it may be, since there are none, say."""
    ids = tuple(dict.fromkeys(_ids(variables)))
    return f"the inventory's {host} is {', '.join(ids[:3])}" if ids and instance not in ids else None


def _ids(variables: Mapping[str, Any]) -> Iterator[str]:
    for name, value in variables.items():
        if (_ID in name or name in _OTHERS) and isinstance(value, str) and (found := instance_in(value)):
            yield found
