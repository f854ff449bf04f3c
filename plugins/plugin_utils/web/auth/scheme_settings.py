# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the settings of several schemes have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# No underscore: proxies drop such names, or take them for the same name with a hyphen.
HEADER_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^[A-Za-z0-9-]{1,100}$",
    "expected": "the name of a header: up to 100 letters, digits and hyphens",
}
TOLERANCE_SCHEMA: Mapping[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400, "default": 300}
