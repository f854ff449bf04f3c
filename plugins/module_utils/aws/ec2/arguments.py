# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules for EC2 check of their options before AWS is asked."""

from __future__ import annotations

import re

INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")
VOLUME_ID = re.compile(r"vol-([0-9a-f]{8}|[0-9a-f]{17})")
LONGEST_SECONDS = 3600


def mistakes(params: dict) -> list:
    """Return what is wrong with the options of a module, those of which it has."""
    found = []
    for name, pattern, example in (("instance_id", INSTANCE_ID, "i-0123456789abcdef0"), ("volume_id", VOLUME_ID, "vol-0123456789abcdef0")):
        given = params.get(name)
        if given is not None and not pattern.fullmatch(given):
            found.append(f"{name}: must be such as {example}, got {str(given)[:40]!r}")
    for name, least, most in (("timeout", 1, LONGEST_SECONDS), ("interval", 1, 60), ("console_lines", 0, 100)):
        given = params.get(name)
        if given is not None and not least <= given <= most:
            found.append(f"{name}: must be from {least} to {most}, got {given}")
    return found
