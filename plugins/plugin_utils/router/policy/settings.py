# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's `policy` and `mode`: their schema, and the frozen values that decisions are made by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import PATH_SCHEMA
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.duration import duration_schema, seconds
from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES

from .maintenance import WINDOWS_SCHEMA, Window, read_windows
from .matching import MATCH_SCHEMA, Subject, matches

OBSERVE, APPROVE, ENFORCE = "observe", "approve", "enforce"
MODES = (OBSERVE, APPROVE, ENFORCE)
ANNOUNCED = ("opened", "updated", "resolved")

_POINTS = dict(zip(SEVERITIES, (100, 50, 20, 0)))
_YEAR = 31_536_000
_SHARE = "a share of the inventory such as 30%, or a number of hosts"
_SECONDS = {"minimum": 0, "maximum": _YEAR}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


_KEYS: Mapping[str, Any] = {
    "coalesce": _object(
        {
            "window": duration_schema(maximum=60, default=0.2),
            "max_hosts": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50},
            "by": {"type": "array", "maxItems": 20, "uniqueItems": True, "items": PATH_SCHEMA, "default": []},
        }
    ),
    "attempts": _object(
        {
            "max": {"type": "integer", "minimum": 1, "maximum": 100, "default": 3},
            "backoff": duration_schema(**_SECONDS, default=30),
            "factor": {"type": "number", "minimum": 1, "maximum": 100, "default": 2},
            "max_backoff": duration_schema(**_SECONDS, default=900),
            "jitter": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.1},
        }
    ),
    "confirm": _object({"within": duration_schema(**_SECONDS, default=900)}),
    "cooldown": duration_schema(**_SECONDS, default=300),
    "max_unhealthy": {
        "anyOf": [
            {"type": "string", "pattern": r"^(100|[1-9]?\d(\.\d+)?)\s*%$", "expected": _SHARE},
            {"type": "integer", "minimum": 1},
        ],
        "default": "30%",
        "expected": _SHARE,
    },
    "max_in_flight": {"type": "integer", "minimum": 1, "maximum": 64, "default": 4},
    "priority": _object({severity: {"type": "number", "minimum": -1000, "maximum": 1000, "default": points} for severity, points in _POINTS.items()}),
    "maintenance": WINDOWS_SCHEMA,
    "approve": _object({"expires": duration_schema(minimum=1, maximum=_YEAR, default=3600)}),
    "announce": {"type": "array", "items": {"enum": list(ANNOUNCED)}, "default": []},
}


def _without_defaults(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {key: _without_defaults(value) for key, value in schema.items() if key != "default"}
    return schema


POLICY_SCHEMA: Mapping = _object(
    {
        **_KEYS,
        "overrides": {
            "type": "array",
            "default": [],
            "items": {
                **_object({"match": MATCH_SCHEMA, "mode": {"enum": list(MODES)}, **_without_defaults(_KEYS)}),
                "required": ["match"],
            },
        },
    }
)


@dataclass(frozen=True)
class Attempts:
    """How often and when a failed case is tried again; `backoff` and `max_backoff` in seconds, `jitter` a share of the wait."""

    max: int = 3
    backoff: float = 30
    factor: float = 2
    max_backoff: float = 900
    jitter: float = 0.1


@dataclass(frozen=True)
class Coalesce:
    """How long to wait for more of the same while cases keep coming, in seconds, and how many hosts a dispatch gets at most.

    `by` are paths of the event: cases that agree there are the same work, whatever else is in their data. Without any all of it counts.
    """

    window: float = 0.2
    max_hosts: int = 50
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class MaxUnhealthy:
    """How many hosts may fail at once before they are not healed one by one: a share of the inventory, or a number."""

    share: float | None = 0.3
    hosts: int | None = None

    def allows(self, unhealthy: int, known_hosts: int) -> bool:
        """Tell whether that is few enough; under ten it always is."""
        if unhealthy < MIN_STORM_HOSTS:
            return True
        return unhealthy <= self.hosts if self.hosts is not None else unhealthy <= self.share * known_hosts

    def __str__(self) -> str:
        return f"{self.hosts} hosts" if self.hosts is not None else f"{self.share:.0%}"


MIN_STORM_HOSTS = 10


@dataclass(frozen=True)
class CasePolicy:
    """What decisions about one case are made by: the base, or the first override that matches, whose place in the list is `override`."""

    mode: str = OBSERVE
    coalesce: Coalesce = Coalesce()
    attempts: Attempts = Attempts()
    confirm_within: float = 900
    cooldown: float = 300
    max_unhealthy: MaxUnhealthy = MaxUnhealthy()
    max_in_flight: int = 4
    priority: Mapping[str, float] = field(default_factory=lambda: dict(_POINTS))
    maintenance: tuple[Window, ...] = ()
    approve_expires: float = 3600
    announce: frozenset[str] = frozenset()
    override: int | None = None


@dataclass(frozen=True)
class Policy:
    """The base policy, and overrides with what they match."""

    base: CasePolicy
    overrides: tuple[tuple[Mapping[str, object], CasePolicy], ...] = ()

    @property
    def all(self) -> tuple[CasePolicy, ...]:
        """Return the base and every override."""
        return (self.base, *(policy for _match, policy in self.overrides))

    def of(self, subject: Subject) -> CasePolicy:
        """Return what decides about a case: the first override that matches, else the base."""
        return next((policy for match, policy in self.overrides if matches(match, subject)), self.base)


def read_policy(values: Mapping, mode: str, where: str, mistakes: Mistakes) -> Policy:
    """Make the policy from values that the schema has checked and filled; what only a closer look finds goes to `mistakes`."""
    own = {key: value for key, value in values.items() if key != "overrides"}
    base = _case_policy(own, mode, None, where, mistakes)
    overrides = []
    for number, given in enumerate(values["overrides"]):
        merged = _merged(own, {key: value for key, value in given.items() if key not in ("match", "mode")})
        place = f"{where}.overrides[{number}]"
        if merged["max_in_flight"] > own["max_in_flight"]:
            mistakes.add(f"{place}.max_in_flight", f"must be at most that of all together, {own['max_in_flight']}, got {merged['max_in_flight']}")
        policy = _case_policy(merged, given.get("mode", mode), number, place, mistakes)
        overrides.append((given["match"], policy))
    return Policy(base, tuple(overrides))


def _merged(base: Mapping, over: Mapping) -> dict:
    """Lay an override over the base: within a mapping, what it does not name stays."""
    return {**base, **{key: {**base[key], **value} if isinstance(value, Mapping) else value for key, value in over.items()}}


def _case_policy(values: Mapping, mode: str, override: int | None, where: str, mistakes: Mistakes) -> CasePolicy:
    attempts, coalesce = values["attempts"], values["coalesce"]
    return CasePolicy(
        mode=mode,
        coalesce=Coalesce(seconds(coalesce["window"]), coalesce["max_hosts"], tuple(coalesce["by"])),
        attempts=Attempts(**{**attempts, "backoff": seconds(attempts["backoff"]), "max_backoff": seconds(attempts["max_backoff"])}),
        confirm_within=seconds(values["confirm"]["within"]),
        cooldown=seconds(values["cooldown"]),
        max_unhealthy=_max_unhealthy(values["max_unhealthy"]),
        max_in_flight=values["max_in_flight"],
        priority=values["priority"],
        maintenance=read_windows(values["maintenance"], f"{where}.maintenance", mistakes),
        approve_expires=seconds(values["approve"]["expires"]),
        announce=frozenset(values["announce"]),
        override=override,
    )


def _max_unhealthy(given: str | int) -> MaxUnhealthy:
    if isinstance(given, int):
        return MaxUnhealthy(share=None, hosts=given)
    return MaxUnhealthy(share=float(given.strip().rstrip("%").strip()) / 100)
