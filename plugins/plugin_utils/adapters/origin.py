# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of several monitors of one kind an alert is from, where the rulebook says so: what they call alike are two problems then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint

ORIGIN_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "expected": "a short text that no other monitor of yours has, such as berlin",
}


def of_origin(settings: Mapping[str, Any], own: str) -> str:
    """Return the fingerprint of a problem: the monitor's own, or one of it and the `origin` in the settings."""
    return fingerprint("origin", settings["origin"], own) if "origin" in settings else own
