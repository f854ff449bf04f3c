# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A monitor's word for how bad it is, in ours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES

MAP_SCHEMA: Mapping[str, Any] = {"type": "object", "additionalProperties": {"enum": list(SEVERITIES)}}

# Words that monitors and their users have in use for these; others are no reason to refuse an alert.
_COMMON: Mapping[str, str] = MappingProxyType(
    {
        **{severity: severity for severity in SEVERITIES},
        "page": "critical",
        "fatal": "critical",
        "emergency": "critical",
        "disaster": "critical",
        "major": "error",
        "high": "error",
        "minor": "warning",
        "average": "warning",
        "warn": "warning",
        "low": "info",
        "informational": "info",
        "information": "info",
        "notice": "info",
        "none": "info",
    }
)


def severity_of(word: Any, own: Mapping[str, str] = _COMMON) -> str | None:
    """Return the severity that a word stands for, None where it is none.

    :param own: what the rulebook says of words, before what is commonly meant by them.
    """
    if not isinstance(word, str):
        return None
    word = word.strip()
    return own.get(word) or _COMMON.get(word.lower())
