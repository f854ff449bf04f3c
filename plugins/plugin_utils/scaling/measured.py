# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was measured of a group of instances, in the one form that every provider brings it into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.shown import shown

_STATES = ("in_service", "starting", "warming", "stopping", "standby", "other")
_COUNTED = ("in_service", "starting", "warming")
_SERVING = ("in_service", "warming")
_MOST_INSTANCES = 10_000
_LATEST = 253_402_300_799  # seconds since the epoch: the last ones that can be written as a date


class InvalidMeasurement(ValueError):
    """What a provider brought is no measurement: the text says where, what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a group.

    Attributes:
        name: what a person knows it by.
        state: in_service, starting, warming (in service, but its load is not yet its share), stopping, standby or other.
        healthy: whether the group takes it for healthy.
        protected: whether the group may not end it to become smaller.
    """

    name: str
    state: str = "in_service"
    healthy: bool = True
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """A group as it is now.

    Attributes:
        desired: how many instances it is to have.
        least, most: its own bounds, None where it has none.
        instances: what it has; None where it only tells how many serve.
        serving: how many are in service and healthy.
        in_progress: what goes on, so that nothing may be changed now; empty when nothing does.
        blocked_out, blocked_in: why it cannot grow, or shrink; empty when it can.
        changed_at: when its capacity was last changed, by anybody, in seconds since the epoch.
        record: what was written to the group with the last change that the role made.
        trouble: what the group says of what failed last.
    """

    desired: int
    least: int | None = None
    most: int | None = None
    instances: tuple[Instance, ...] | None = None
    serving: int = 0
    in_progress: str = ""
    blocked_out: str = ""
    blocked_in: str = ""
    changed_at: float | None = None
    record: str = ""
    trouble: str = ""

    @property
    def warming(self) -> tuple[str, ...]:
        """Return the instances whose load is not yet their share."""
        return tuple(each.name for each in self.instances or () if each.state == "warming")

    @property
    def counted(self) -> int | None:
        """Count the instances that it has of those that it is to have; None where it does not tell."""
        return None if self.instances is None else sum(each.state in _COUNTED for each in self.instances)

    @property
    def protected(self) -> int:
        """Count the instances that the group may not end."""
        return sum(each.protected and each.state in _COUNTED for each in self.instances or ())

    @property
    def in_service(self) -> tuple[str, ...]:
        """Return the names of the instances that serve, whether or not they are healthy."""
        return tuple(each.name for each in self.instances or () if each.state in _SERVING)


def read_measured(written: object) -> Measured:
    """Read a measurement as a provider, or the program of a person, wrote it: a mapping such as {desired: 3, serving: 3}.

    Raises:
        InvalidMeasurement: it is none.
    """
    if not isinstance(written, Mapping):
        raise InvalidMeasurement(f"expected a mapping such as {{desired: 3, serving: 3}}, got {shown(written)}")
    strange = sorted(str(key) for key in written if key not in _READERS)
    if strange:
        raise InvalidMeasurement(f"{shown(strange[0])}: is none of {', '.join(_READERS)}")
    if "desired" not in written or ("serving" not in written and written.get("instances") is None):
        raise InvalidMeasurement("expected desired, and with it instances or serving")
    values = {_FIELDS.get(key, key): _READERS[key](key, value) for key, value in written.items() if value is not None or key == "desired"}
    instances = values.get("instances")
    if instances is not None:
        serving = sum(each.healthy and each.state in _SERVING for each in instances)
        if values.setdefault("serving", serving) != serving:
            raise InvalidMeasurement(f"serving: must be {serving}, as instances has it, or be left out, got {values['serving']}")
    return Measured(**values)


def _number(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_INSTANCES:
        raise InvalidMeasurement(f"{where}: must be a whole number from 0 to {_MOST_INSTANCES}, got {shown(value)}")
    return value


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidMeasurement(f"{where}: must be a text, got {shown(value)}")
    return " ".join(value.split())[:1000]


def _time(where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _LATEST:
        raise InvalidMeasurement(f"{where}: must be seconds since the epoch, got {shown(value)}")
    return float(value)


def _instances(where: str, value: object) -> tuple[Instance, ...]:
    if not isinstance(value, list) or len(value) > _MOST_INSTANCES:
        raise InvalidMeasurement(f"{where}: must be a list of names, or of mappings with a name, got {shown(value)}")
    found = tuple(_instance(f"{where}[{number}]", each) for number, each in enumerate(value))
    names = [each.name for each in found]
    if len(set(names)) != len(names):
        raise InvalidMeasurement(f"{where}: two of them have one name")
    return found


def _instance(where: str, value: object) -> Instance:
    fields: dict[Any, Any] = dict(value) if isinstance(value, Mapping) else {"name": value}
    strange = [key for key in fields if key not in ("name", "state", "healthy", "protected")]
    if strange:
        raise InvalidMeasurement(f"{where}.{str(strange[0])[:60]}: an instance has name, state, healthy and protected")
    if not isinstance(fields.get("name"), str) or not 0 < len(fields["name"]) <= 255:
        raise InvalidMeasurement(f"{where}.name: must be a text of at most 255 characters, got {shown(fields.get('name'))}")
    if fields.get("state", "in_service") not in _STATES:
        raise InvalidMeasurement(f"{where}.state: must be one of {', '.join(_STATES)}, got {shown(fields['state'])}")
    for name in ("healthy", "protected"):
        if not isinstance(fields.get(name, False), bool):
            raise InvalidMeasurement(f"{where}.{name}: must be true or false, got {shown(fields[name])}")
    return Instance(**fields)


_READERS = {
    "desired": _number,
    "min": _number,
    "max": _number,
    "instances": _instances,
    "serving": _number,
    "in_progress": _text,
    "blocked_out": _text,
    "blocked_in": _text,
    "changed_at": _time,
    "record": _text,
    "trouble": _text,
}
_FIELDS = {"min": "least", "max": "most"}
