# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the double knows: scale sets, settings of autoscale, what is allowed, what fails on purpose, and what was asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .scale_set import ScaleSet

SUBSCRIPTION = "00000000-0000-4000-8000-00000000000a"
TENANT = "00000000-0000-4000-8000-00000000000b"
CLIENT = "00000000-0000-4000-8000-00000000000c"
SECRET = "Sesame~1-of.the_double"


@dataclass(frozen=True)
class Request:
    """One that was answered."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: object
    action: str  # what the caller had to be allowed
    status: int


@dataclass
class Fault:
    """An answer that is given in place of the right one."""

    status: int
    code: str = "InternalServerError"
    message: str = "An internal error occurred."
    times: int = 1
    methods: tuple[str, ...] = ()
    path: str = ""  # what the path has in it
    retry_after: int | None = None
    is_after: bool = False  # once the request was carried out


@dataclass
class Azure:
    """A subscription."""

    subscription: str = SUBSCRIPTION
    secret: str = SECRET
    page_size: int = 100
    token_seconds: int = 3600
    allowed: list[str] = field(default_factory=lambda: ["*"])
    scale_sets: dict[str, ScaleSet] = field(default_factory=dict)
    autoscale: list[dict] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)  # to when it expires

    def add_scale_set(
        self,
        name: str,
        capacity: int,
        *,
        group: str = "shop",
        orchestration: str = "Uniform",
        overprovision: bool = False,
        single_placement_group: bool = False,
        scale_in: str = "",
        upgrade_mode: str = "Manual",
        health: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> ScaleSet:
        """Add a scale set whose instances are up."""
        properties: dict = {"orchestrationMode": orchestration, "overprovision": overprovision, "singlePlacementGroup": single_placement_group}
        properties["upgradePolicy"] = {"mode": upgrade_mode}
        if scale_in:
            properties["scaleInPolicy"] = {"rules": [scale_in], "forceDeletion": False}
        made = ScaleSet(self.subscription, group, name, capacity, {"tags": dict(tags or {}), "properties": properties}, health)
        self.scale_sets[f"{group}/{name}".lower()] = made  # names are compared without regard to case
        return made

    def add_autoscale(self, name: str, target: ScaleSet, enabled: bool = True) -> dict:
        """Add a setting of autoscale for a scale set."""
        capacity = {"minimum": "1", "maximum": "10", "default": "1"}
        properties = {"name": name, "enabled": enabled, "targetResourceUri": target.id, "profiles": [{"name": "all day", "capacity": capacity, "rules": []}]}
        setting = {"name": name, "type": "Microsoft.Insights/autoscaleSettings", "location": "westeurope", "properties": properties}
        self.autoscale.append(setting)
        return setting

    def fail(self, status: int, code: str = "InternalServerError", message: str = "An internal error occurred.", **how: object) -> None:
        """Answer otherwise than right; see `Fault`."""
        self.faults.append(Fault(status, code, message, **how))

    def heal(self) -> None:
        """Answer right again."""
        self.faults.clear()

    def fault(self, method: str, path: str, is_after: bool) -> Fault | None:
        """Return what is to go wrong with a request, once."""
        for fault in self.faults:
            if fault.is_after == is_after and fault.path in path and method in (fault.methods or (method,)):
                fault.times -= 1
                if fault.times < 1:
                    self.faults.remove(fault)
                return fault
        return None

    def allows(self, action: str) -> bool:
        """Return whether the role has an action; a star stands for anything."""
        return any(_fits(pattern.lower(), action.lower()) for pattern in self.allowed)

    def patches(self) -> list[Request]:
        """Return the requests that would change something."""
        return [request for request in self.requests if request.method not in ("GET", "HEAD") and request.action]

    def is_good(self, token: str) -> bool:
        """Return whether a token was issued and is not over."""
        return self.tokens.get(token, 0) > time.time()


def _fits(pattern: str, action: str) -> bool:
    first, *rest = pattern.split("*")
    return action.startswith(first) and _follow(rest, action[len(first) :]) if rest else pattern == action


def _follow(parts: Iterable[str], text: str) -> bool:
    for part in parts:
        found = text.find(part)
        if found < 0:
            return False
        text = text[found + len(part) :]
    return True
