# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which platform of NetBox a host has, by the distribution that it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import Platform


def wanted_platform(told: Sequence[str], mapping: Mapping[str, str]) -> str | None:
    """Return the name or slug that the mapping has for a host, by "Debian 12", "Debian 12.5" or "Debian"; None where it has none.

    :param told: what the platform may be called, as the host tells it.
    :param mapping: from such a name to the name or slug of a platform of NetBox.
    """
    known = {name.strip().lower(): platform for name, platform in mapping.items()}
    for name in (*told, *(each.rpartition(" ")[0] for each in told)):
        if name.lower() in known:
            return known[name.lower()]
    return None


def is_platform(platform: Platform, told: Sequence[str], mapping: Mapping[str, str]) -> bool:
    """Tell whether a platform of NetBox is what the host tells: "Debian 12" is that by its name and by its slug, debian-12."""
    mapped = wanted_platform(told, mapping)
    have = (platform.name.lower(), platform.slug.lower())
    return any(way in have for name in ([mapped] if mapped is not None else told) for way in _ways_to_write(name))


def _ways_to_write(name: str) -> Iterator[str]:
    yield name.lower()
    yield re.sub(r"[^a-z0-9]+", "-", name.lower())
    yield re.sub(r"[^a-z0-9]+", "-", name.lower().replace(".", ""))  # as NetBox makes a slug of a name: ubuntu-2204
