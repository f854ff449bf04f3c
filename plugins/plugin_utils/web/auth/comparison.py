# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place where what a sender gave is compared with a secret, or with what only a secret makes."""

from __future__ import annotations

import hmac
from collections.abc import Iterable


def is_one_of(given: bytes, known: Iterable[bytes]) -> bool:
    """Tell whether a value is among those that are known, in a time that says neither which one nor how far it was right."""
    found = False
    for each in known:
        found |= hmac.compare_digest(given, each)  # all of them, also after the right one
    return found
