# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the demo claims, each with whether it held."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One claim: what was to be seen, whether it held, and what was seen instead."""

    text: str
    held: bool
    seen: object = ""

    def __str__(self) -> str:
        return self.text if self.held or self.seen == "" else f"{self.text}; seen: {self.seen}"
