# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between the versions of NetBox that the double can play (the differences are those of the recordings and of NetBox's release notes)."""

from __future__ import annotations

import functools

DEFAULT = "4.6.8"  # the version that was recorded


@functools.cache
def is_before(version: str, other: str) -> bool:
    """Say whether one version is older than another."""
    return _numbers(version) < _numbers(other)


@functools.cache
def covers(version: str, since: str, until: str) -> bool:
    """Say whether something that exists from one version up to, and without, another exists in this one."""
    return not (since and is_before(version, since)) and not (until and not is_before(version, until))


def change_log_path(version: str) -> str:
    """Return where the change log is, below /api/."""
    return "extras/object-changes" if is_before(version, "4.1") else "core/object-changes"


def change_log_type(version: str) -> str:
    """Return the object type of the change log's rows, which permissions name."""
    return "extras.objectchange" if is_before(version, "4.1") else "core.objectchange"


def has_tokens_of_version_2(version: str) -> bool:
    """Say whether tokens like nbt_<key>.<token> exist."""
    return not is_before(version, "4.5")


def minor(version: str) -> str:
    """Return what the header API-Version says: 4.6 for 4.6.8."""
    return ".".join(version.split(".")[:2])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-", 1)[0].split("."))
