# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages of docs/, so that what a test runs is what they show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

DOCS = Path(__file__).absolute().parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a language in a page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def block(page: str, language: str, beginning: str) -> str:
    """Return the one block of a page that begins with a text."""
    [found] = [each for each in blocks(page, language) if each.startswith(beginning)]
    return found


def changed(text: str, replacements: Mapping[str, str]) -> str:
    """Replace what a test needs otherwise, such as a port; each must be there."""
    for old, new in replacements.items():
        assert old in text, f"{old} is not in what the page shows:\n{text}"
        text = text.replace(old, new)
    return text
