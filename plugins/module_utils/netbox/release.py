# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which NetBox it is, as far as what this collection sends depends on it."""

from __future__ import annotations

import re

OLDEST = (4, 0)  # with what came before nothing was tried
EVENT_TYPES = (4, 1)  # before, an event rule had a switch for each type of event
TOKENS_V2 = (4, 5)


def release(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version such as "4.6.8-Docker-3.4.1".

    Raises:
        ValueError: it begins with no such numbers.
    """
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found:
        raise ValueError(f"expected a version of NetBox such as 4.6.8, got {version[:60]!r}")
    return int(found[1]), int(found[2])
