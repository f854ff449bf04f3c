# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Matchers that find an alert by its own labels, as Alertmanager's API reads them (https://prometheus.io/docs/alerting/latest/configuration/#matcher)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.redact import REDACTED

_LONGEST_VALUE = 500
_MOST_CHARACTERS = 4000  # of all together: proxies refuse long request lines, 8 kB is a common limit
# Before 0.27 a matcher knew no other names.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def matchers_of(labels: Mapping[str, Any]) -> list[str]:
    """Return matchers that the alert with these labels meets.

    Labels that a matcher cannot name, and those that were redacted, are left out, as are very long ones. Fewer matchers find the alert as well, be
    it among others; a wrong one would not, and the alert would seem to be over.
    """
    matchers: list[str] = []
    left = _MOST_CHARACTERS
    for name, value in sorted(labels.items()):
        if not _can_be_matched(name, value):
            continue
        matcher = f'{name}="{value.translate(_ESCAPED)}"'
        left -= len(matcher)
        if left < 0:
            break
        matchers.append(matcher)
    return matchers


def _can_be_matched(name: str, value: Any) -> bool:
    return _NAME.fullmatch(name) is not None and isinstance(value, str) and REDACTED not in value and len(value) <= _LONGEST_VALUE and _is_unicode(value)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
