# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS can be asked, each by a key, and what it has said: facts, of which names are made (answering.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# Beside the kinds of resources (resource.py): who else has a name, what a service runs on, and whose account it is.
HOLDERS, TASKS, MACHINES, IDENTITY = "holders", "tasks of a service", "machines of a cluster", "identity"

TAG = "tag:"
PRIVATE_DNS_NAME, PRIVATE_IP_ADDRESS, INSTANCE_ID = "private_dns_name", "private_ip_address", "instance_id"


class Key(NamedTuple):
    """What is asked for: a kind, and a name within a scope, such as the cluster of a task, or the property of which the name is a value."""

    kind: str
    name: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """AWS has no such thing, or does not say; `why` is for people. `for_good`: it is none that could ever be."""

    why: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of EC2 that is not on its way out."""

    id: str
    tags: Mapping[str, str] = field(default_factory=dict)
    private_dns_name: str = ""
    private_ip_address: str = ""

    def called(self, by: str) -> str:
        """Return its name by a property; empty where it has none."""
        if by.startswith(TAG):
            return self.tags.get(by.removeprefix(TAG), "")
        return {INSTANCE_ID: self.id, PRIVATE_DNS_NAME: self.private_dns_name, PRIVATE_IP_ADDRESS: self.private_ip_address}[by]


@dataclass(frozen=True, slots=True)
class Group:
    """An Auto Scaling group, with the instances that are in service."""

    tags: Mapping[str, str] = field(default_factory=dict)
    instances: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """Anything else that has tags."""

    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """Ids or ARNs: who holds a name, what a service runs as, or on which instance a task runs."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """The number of an account."""

    account: str


Fact = Absent | Instance | Group | Tagged | Listed | Identity


def tags_of(listed: object, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Read tags as AWS lists them."""
    return {tag[key]: tag.get(value, "") for tag in listed or () if tag.get(key)}
