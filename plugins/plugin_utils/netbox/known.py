# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the source knows of an object from one event to the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

UNTOLD, HELD, READY = "", "held", "ready"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
# Large, or of no use once the object is gone.
_LEFT_OUT = frozenset({"config_context", "local_context_data", "comments", "interfaces", "ip_addresses", "url", "display_url"})


@dataclass(frozen=True, slots=True)
class Known:
    """An object: whether its fields have been there, and what it was like last.

    `state` is UNTOLD until a change tells; HELD while fields are missing that it needs, since `since` (seconds since the epoch); READY since they were
    there. `late` says that nobody is to be told any more that they are missing. `told_to` is the time of its newest change that was told of, in seconds
    since the epoch. `context` stands for its rendered config context, where that was read.
    `has_left` says that the filters do not let it through any more.
    """

    state: str = UNTOLD
    since: float = 0.0
    late: bool = False
    told_to: float = 0.0
    context: str | None = None
    object: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    has_left: bool = False

    def as_text(self) -> str:
        """Write it down."""
        return json.dumps([self.state, self.since, self.late, self.told_to, self.context, dict(self.object), self.has_left], separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Known:
        """Read what `as_text` wrote."""
        return cls(*json.loads(text))


def last_known(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is worth keeping of an object, for the time when it is gone."""
    return {name: value for name, value in thing.items() if name not in _LEFT_OUT and value not in (None, "", [], {})}


def context_of(thing: Mapping[str, Any]) -> str | None:
    """Return what stands for an object's rendered config context; None when it was not read."""
    if "config_context" not in thing:
        return None
    return hashlib.sha256(json.dumps(thing["config_context"], sort_keys=True).encode()).hexdigest()[:32]
