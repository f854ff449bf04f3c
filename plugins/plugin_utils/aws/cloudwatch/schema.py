# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the arguments of `eventops.infra.cloudwatch` look like. An entry of a list is read by the part of the source that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA

from ..access.accounts import PROPERTIES
from ..feedback.settings import SCHEMA as FEEDBACK
from ..labels import SCHEMA as LABELS

_ENTRIES = {"type": "array", "default": [], "maxItems": 100, "items": {"type": "object"}}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **PROPERTIES,
        "queues": _ENTRIES,
        "alarms": _ENTRIES,
        "logs": _ENTRIES,
        "hosts": HOSTS_SCHEMA,
        "labels": LABELS,
        "feedback": FEEDBACK,
        "inventory": {"type": "string", "minLength": 1},
        "state": {"type": "string", "minLength": 1},
    },
}
