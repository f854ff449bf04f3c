# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the settings of several schemes have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import read_secrets

# No underscore: proxies drop such names, or take them for the same name with a hyphen.
HEADER_SCHEMA: Mapping[str, Any] = {
    "type": "string",
    "pattern": "^[A-Za-z0-9-]{1,100}$",
    "expected": "the name of a header: up to 100 letters, digits and hyphens",
}
TOLERANCE_SCHEMA: Mapping[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400, "default": 300}

MIN_TOKEN_LENGTH = 16
_TOKEN = re.compile(rf"[\x21-\x7e]{{{MIN_TOKEN_LENGTH},}}")  # what a header can carry: RFC 6750 section 2.1 allows less


def read_tokens(given: Sequence[Any], where: str, environment: Mapping[str, str], mistakes: Mistakes) -> tuple[bytes, ...]:
    """Return secrets that are sent as they are, so that they must be long; what is wrong goes to `mistakes`."""
    found = read_secrets(given, where, environment, mistakes)
    if any(not _TOKEN.fullmatch(secret) for secret in found):
        wanted = f"at least {MIN_TOKEN_LENGTH} letters, digits and signs, no spaces"
        mistakes.add(where, f"must have {wanted} in each secret; openssl rand -hex 24 makes one that nobody guesses")
    return tuple(secret.encode() for secret in found)
