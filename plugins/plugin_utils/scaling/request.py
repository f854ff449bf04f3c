# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of the role is to do, read from its variables; all mistakes are found at once, and before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.bounding import read_bounds, read_cooldowns
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.lasting import read_until
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.numbers import whole
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.record import is_id
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.shown import shown
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns, Exactly, GiveBack, Step, Wanted

_DIRECTIONS = ("out", "in")
_PROVIDERS = ("aws", "azure", "command")
_MOST = 10_000
_DEFAULT_STEP = 1


class InvalidRequest(ValueError):
    """What a run is to do cannot be done: `mistakes` are all that is wrong, a sentence each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is to do.

    Attributes:
        entry: of `scale_groups`, as it is written.
        until: when what is added is given back, as RFC 3339; None for what stays.
    """

    entry: Mapping[str, Any]
    wanted: Wanted
    bounds: Bounds
    cooldowns: Cooldowns
    until: str | None


def read_request(variables: Mapping[str, Any], now: float) -> Request:
    """Read a request.

    Args:
        variables: of the role, without the scale_ of their names; what is not given is None or an empty text.
        now: in seconds since the epoch.

    Raises:
        InvalidRequest: with all mistakes.
    """
    given = {name: value for name, value in variables.items() if value is not None and value != ""}
    mistakes: list[str] = []
    entry = _entry(given, mistakes)
    read = {
        "wanted": _wanted(given, entry, mistakes),
        "until": _or_mistake(lambda: read_until(given, now), mistakes),
        "bounds": _or_mistake(lambda: read_bounds(entry, given), mistakes) if entry else None,
        "cooldowns": _or_mistake(lambda: read_cooldowns(entry, given), mistakes) if entry else None,
    }
    if not mistakes:
        mistakes += _out_of_bounds(read["wanted"], read["bounds"])
    if mistakes:
        raise InvalidRequest(mistakes)
    return Request(entry=entry, **read)


def _entry(given: Mapping, mistakes: list[str]) -> Mapping[str, Any]:
    groups, name = given.get("groups", []), given.get("group")
    if not isinstance(groups, list) or not all(isinstance(each, Mapping) and isinstance(each.get("name"), str) for each in groups):
        mistakes.append("scale_groups: must be a list of mappings, each with a name.")
        return {}
    found = [each for each in groups if each["name"] == name]
    if len(found) != 1:
        known = ", ".join(each["name"] for each in groups) or "none"
        problem = "is there more than once in scale_groups" if found else f"must be the name of one of scale_groups, which are: {known}"
        mistakes.append(f"scale_group: {problem}, got {shown(name)}.")
        return {}
    if found[0].get("provider") not in _PROVIDERS:
        mistakes.append(f"provider of {name} in scale_groups: must be one of {', '.join(_PROVIDERS)}, got {shown(found[0].get('provider'))}.")
    return found[0]


def _wanted(given: Mapping, entry: Mapping, mistakes: list[str]) -> Wanted | None:
    asked = [name for name in ("direction", "to", "give_back") if name in given]
    if len(asked) != 1:
        mistakes.append(
            f"Exactly one of scale_direction, scale_to and scale_give_back must be given, got {' and '.join('scale_' + each for each in asked) or 'none'}."
        )
        return None
    for name in ("by", "for", "until"):
        if name in given and asked[0] == "give_back" or name == "by" and name in given and asked[0] == "to":
            mistakes.append(f"scale_{name}: does not go with scale_{asked[0]}.")
    return {"direction": _step, "to": _exactly, "give_back": _give_back}[asked[0]](given, entry, mistakes)


def _step(given: Mapping, entry: Mapping, mistakes: list[str]) -> Step | None:
    if given["direction"] not in _DIRECTIONS:
        mistakes.append(f"scale_direction: must be out or in, got {shown(given['direction'])}.")
    elif given["direction"] == "in" and ("for" in given or "until" in given):
        mistakes.append("scale_direction: only out can be for a time, got in with scale_for or scale_until.")
    where = "scale_by" if "by" in given else f"step of {entry.get('name')} in scale_groups"
    by = _or_mistake(lambda: whole(where, given.get("by", _DEFAULT_STEP if entry.get("step") is None else entry["step"]), 1, _MOST), mistakes)
    return None if by is None else Step(given["direction"], by)


def _exactly(given: Mapping, _entry: Mapping, mistakes: list[str]) -> Exactly | None:
    to = _or_mistake(lambda: whole("scale_to", given["to"], 0, _MOST), mistakes)
    return None if to is None else Exactly(to)


def _give_back(given: Mapping, _entry: Mapping, mistakes: list[str]) -> GiveBack | None:
    if is_id(given["give_back"]):
        return GiveBack(given["give_back"])
    mistakes.append(f"scale_give_back: must be what the event scale.temporary_ended has as temporary, got {shown(given['give_back'])}.")
    return None


def _out_of_bounds(wanted: Wanted, bounds: Bounds) -> list[str]:
    """Find what can be told without asking for the group."""
    if isinstance(wanted, Exactly) and not bounds.least <= wanted.to <= bounds.most:
        return [f"scale_to: must be from {bounds.least} to {bounds.most}, which are the bounds, got {wanted.to}."]
    if isinstance(wanted, Step) and wanted.by > bounds.most - bounds.least:
        return [f"scale_by: must be at most {bounds.most - bounds.least}, because the bounds are {bounds.least} to {bounds.most}, got {wanted.by}."]
    return []


def _or_mistake(read: Callable[[], Any], mistakes: list[str]) -> Any:
    try:
        return read()
    except ValueError as error:
        mistakes.append(f"{error}.")
        return None
