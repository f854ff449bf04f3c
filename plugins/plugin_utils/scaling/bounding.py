# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bounds and cooldowns: those of the group's entry and those of the run. Where both are given, the narrower and the slower hold."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.numbers import duration, whole
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns

_MOST = 10_000
_LONGEST_COOLDOWN_SECONDS = 604_800
# A load that goes away comes back more often than one that comes goes away.
_IN_IS_SLOWER = 3


def read_bounds(entry: Mapping, given: Mapping) -> Bounds:
    """Read how few and how many instances there may be. Raises ValueError."""
    least = max(_all("min", entry, given, lambda where, value: whole(where, value, 0, _MOST)))
    most = min(_all("max", entry, given, lambda where, value: whole(where, value, 0, _MOST)))
    if least > most:
        raise ValueError(f"min and max of {entry['name']}: min must not be greater than max, got {least} and {most}")
    return Bounds(least, most)


def read_cooldowns(entry: Mapping, given: Mapping) -> Cooldowns:
    """Read the seconds between two changes. Raises ValueError."""
    out = max(_all("cooldown", entry, given, _cooldown))
    slower = _given("cooldown_in", entry, given, _cooldown)
    return Cooldowns(out, max(out, *slower) if slower else min(out * _IN_IS_SLOWER, _LONGEST_COOLDOWN_SECONDS))


def _cooldown(where, value):
    return duration(where, value, 1, _LONGEST_COOLDOWN_SECONDS)


def _all(name, entry, given, read):
    found = _given(name, entry, given, read)
    if not found:
        raise ValueError(f"{name} of {entry['name']} in scale_groups, or scale_{name}: must be given, so that a mistake stays small")
    return found


def _given(name, entry, given, read):
    places = {f"{name} of {entry['name']} in scale_groups": entry.get(name), f"scale_{name}": given.get(name)}
    return [read(where, value) for where, value in places.items() if value is not None]
