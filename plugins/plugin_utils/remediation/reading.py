# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what an inventory says of healing: every mistake with its place, and nothing done while there is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

MOST_ENTRIES = 100
MOST_WORDS = 100
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]?)i?B?", re.IGNORECASE)
# A word that is taken for a name by systemctl, podman and docker, and never for an option.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.@\\-]{0,254}")


class Reading:
    """The mistakes of one host's variables.

    Args:
        where: the host variable that is read, and whose it is, such as "eventops_filesystems of web-01".
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.mistakes: list[str] = []

    def wrong(self, path: str, expected: str, came: object) -> None:
        """Note a mistake: what was expected at a place, and what came."""
        self.mistakes.append(f"{self.where}: {path} must be {expected}, got {shown(came)}.")

    def entries(self, value: object) -> list[Mapping]:
        """Return the entries of a list that are mappings."""
        if not isinstance(value, list) or len(value) > MOST_ENTRIES:
            self.wrong("it", f"a list of at most {MOST_ENTRIES} mappings", value)
            return []
        for index, entry in enumerate(value):
            if not isinstance(entry, Mapping):
                self.wrong(f"[{index}]", "a mapping", entry)
        return [entry for entry in value if isinstance(entry, Mapping)]

    def known(self, path: str, value: Mapping, names: Iterable[str]) -> None:
        """Note the keys of a mapping that nothing reads: most are misspelt."""
        names = list(names)
        for key in value:
            if key not in names:
                self.mistakes.append(f"{self.where}: {path}.{str(key)[:60]} is not known there; the known ones are {', '.join(names)}.")

    def number(self, path: str, value: object, least: float, most: float, unit: str) -> float:
        """Return a number within its bounds, or the least one where it is wrong."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            self.wrong(path, f"from {least:g} to {most:g} {unit}", value)
            return least
        return value

    def command(self, path: str, value: object) -> list[str]:
        """Return a program and its arguments. No shell reads them."""
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_WORDS or not all(_is_word(word) for word in value) or not str(value[0]):
            # Arguments may be secrets: what came is not shown.
            self.mistakes.append(f"{self.where}: {path} must be a list of a program and its arguments.")
            return []
        return [str(word) for word in value]

    def name(self, path: str, value: object) -> str:
        """Return the name of a unit, a container, a user or a process."""
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            self.wrong(path, "a name", value)
            return ""
        return value

    def share_or_size(self, path: str, value: object) -> dict[str, float]:
        """Return {percent: ..} of a text such as 50%, or {bytes: ..} of one such as 2G."""
        text = value.strip() if isinstance(value, str) else ""
        if text.endswith("%") and re.fullmatch(r"\d{1,3}(\.\d+)?", text[:-1].strip()) and 0 < float(text[:-1]) <= 100:
            return {"percent": float(text[:-1])}
        size = bytes_of(text)
        if size:
            return {"bytes": size}
        self.wrong(path, "a share such as 50% or a size such as 2G", value)
        return {}


def bytes_of(text: str) -> int:
    """Return the bytes of a size such as 500M, 0 when it is none."""
    match = _SIZE.fullmatch(text.strip())
    return int(float(match[1]) * _UNITS[match[2].upper()]) if match and match[2] else 0


def shown(value: object) -> str:
    """Show what came, without what may be secret or long: of a list or a mapping only that it is one."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    return json.dumps(str(value) if not isinstance(value, (bool, int, float)) else value)[:80]


def _is_word(word):
    return isinstance(word, (str, int, float)) and not isinstance(word, bool) and "\0" not in str(word)
