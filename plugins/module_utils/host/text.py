# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names that a machine has, for people: of bounded length and on one line."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def printable(text: str, longest: int = 200) -> str:
    """Return a name, such as that of a file, without what would break a line or a terminal."""
    clean = "".join(char if char.isprintable() else "?" for char in text)
    return clean if len(clean) <= longest else f"{clean[: longest - 3]}..."


def size(number: float) -> str:
    """Write a number of bytes for people."""
    for unit in _UNITS:
        if abs(number) < 1024 or unit == _UNITS[-1]:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1024
    return ""


def told(parts: list, longest: int = 900) -> str:
    """Join parts with commas, as many as a note in a case has room for."""
    text, left = "", len(parts)
    for part in parts:
        longer = f"{text}, {part}" if text else part
        if len(longer) > longest - 20:
            return f"{text}, and {left} more" if text else part[:longest]
        text, left = longer, left - 1
    return text
