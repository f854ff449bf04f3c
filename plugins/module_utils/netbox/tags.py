# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tags of an object in NetBox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox, NetBoxError


def tags_of(netbox: NetBox, written: Iterable[str]) -> list[dict]:
    """Look tags up by slug or name, and return them as NetBox takes them.

    Raises:
        NetBoxError: there is no such tag.
    """
    found = {}
    for word in written:
        tag = netbox.find_one("extras/tags", slug=word) or netbox.find_one("extras/tags", name=word)
        if tag is None:
            raise NetBoxError(f"data.tags: NetBox has no tag with the slug or the name {word}; make it first")
        found[tag["slug"]] = {"name": tag["name"], "slug": tag["slug"]}
    return list(found.values())


def slugs(tags: Iterable[Mapping] | None) -> list[str]:
    """Return the slugs of tags, sorted: what they are compared by."""
    return sorted(tag["slug"] for tag in tags or ())
