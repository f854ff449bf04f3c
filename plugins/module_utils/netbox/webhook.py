# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A webhook as it is sent to NetBox, and what may be shown of it."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.eventops.infra.plugins.module_utils.netbox.client import NetBox, NetBoxError
from ansible_collections.eventops.infra.plugins.module_utils.netbox.differences import as_it_is
from ansible_collections.eventops.infra.plugins.module_utils.netbox.tags import slugs, tags_of

_SECRETS = ("secret", "additional_headers")


def wanted_webhook(netbox: NetBox, data: Mapping, existing: Mapping | None) -> dict:
    """Return the fields of a webhook that were asked for, as NetBox takes them.

    Raises:
        NetBoxError: a new one has no URL, or a tag does not exist.
    """
    if existing is None and not data["payload_url"]:
        raise NetBoxError(f"the webhook {data['name']} does not exist, and a new one needs data.payload_url")
    wanted = {name: value for name, value in data.items() if value is not None}
    if "tags" in wanted:
        wanted["tags"] = tags_of(netbox, data["tags"])
    return wanted


def comparable(field: str, value: object) -> object:
    """Return the value of a webhook's field in the form in which it is compared."""
    if field == "tags":
        return slugs(value)
    # NetBox has null for no CA file, and takes an empty text for it.
    return value or None if field == "ca_file_path" else as_it_is(field, value)


def without_secrets(webhook: Mapping) -> dict:
    """Return what may be shown of a webhook."""
    return {name: value for name, value in webhook.items() if name not in _SECRETS}


def shown_difference(diff: Mapping[str, Mapping]) -> dict[str, dict]:
    """Return a difference with words in place of secrets."""
    shown = {side: dict(fields) for side, fields in diff.items()}
    for name in _SECRETS:
        for side, word in (("before", "another one"), ("after", "as given")):
            if name in shown[side]:
                shown[side][name] = word if shown[side][name] else "none"
    return shown
