# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is compared: a host as NetBox documents it, the same host as it says of itself, and what came of the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

VIRTUAL_MACHINE = "virtualization.virtualmachine"
DEVICE = "dcim.device"

FIELDS = ("name", "addresses", "primary_address", "vcpus", "memory", "disk", "platform")
# A name and an address are what other things are built on: which of the two is wrong is for a person to say.
CORRECTABLE = ("vcpus", "memory", "disk", "platform")

SAME, DIFFERS, UNKNOWN = "same", "differs", "unknown"


@dataclass(frozen=True)
class Platform:
    """A platform of NetBox."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True)
class Documented:
    """A virtual machine or device of NetBox. A value that nobody wrote down is None.

    `addresses` are those that the host must have, with their masks; `floating` those that it may have, such as a VIP. Each of `primary` is
    one primary address, as all the addresses that it may be on the host, without masks: NAT gives it another.
    """

    kind: str
    id: int
    name: str
    url: str
    vcpus: float | None = None
    memory_mb: int | None = None
    disk_mb: float | None = None
    disk_unit_mb: int = 1  # of which NetBox's own number is: GB before 4.1
    virtual_disks: int = 0
    platform: Platform | None = None
    addresses: tuple[str, ...] = ()
    floating: tuple[str, ...] = ()
    primary: tuple[tuple[str, ...], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Write it as what a module returns."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Documented:
        """Read what `as_dict` wrote. Raises TypeError or KeyError."""
        lists = {name: tuple(value[name]) for name in ("addresses", "floating")}
        primary = tuple(tuple(each) for each in value["primary"])
        platform = value["platform"] and Platform(**value["platform"])
        return cls(**{**value, **lists, "primary": primary, "platform": platform})


@dataclass(frozen=True)
class Measured:
    """A host by its own facts, bounded. A value that is None was not told, or is nothing that a host can have; `unknown` says what came, by field."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    vcpus: int | None = None
    memory_mb: int | None = None
    disk_bytes: int | None = None
    platforms: tuple[str, ...] = ()  # what the platform may be called, the usual name first
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """How it is compared. Tolerances are percent of the larger value; `disk_base` is 1000 or 1024, of which NetBox's MB are made."""

    fields: tuple[str, ...] = FIELDS
    memory_tolerance: float = 10.0
    disk_tolerance: float = 10.0
    disk_base: int = 1000
    platforms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What came of one field: `state` is same, differs or unknown; `proposed` is what NetBox would have to say, None where only a person can know."""

    field: str
    state: str
    documented: Any
    measured: Any
    note: str = ""
    proposed: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Write it as what a module returns."""
        return asdict(self)
