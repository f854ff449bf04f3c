# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text that somebody else wrote, as a part of a message: on one line, and not without end."""

from __future__ import annotations

_LONGEST = 500


def one_line(text: object) -> str:
    """Return a text without line breaks, cut where it is too long for a message."""
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
