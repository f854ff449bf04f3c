# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Results of a benchmark: printed as a table, and kept as JSON for the chart and for whoever compares. Nothing is asserted of them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import machine

DIRECTORY = Path(__file__).absolute().parents[2] / ".build" / "bench"
published: list[str] = []  # what was measured in this run


@dataclass
class Table:
    """Rows under a title; a cell is text as it is to be shown."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_markdown(self) -> str:
        """Return the table for a document, and for a terminal: its columns are aligned."""
        lines = [list(self.columns), *(list(row) for row in self.rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        written = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in lines]
        written.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
        return "\n".join([*written, *(["", *self.notes] if self.notes else [])])


def publish(what: str, figures: dict, *tables: Table) -> None:
    """Print tables, and write them with the figures to .build/bench/WHAT.json and WHAT.md."""
    text = "\n\n".join(f"**{table.title}**\n\n{table.as_markdown()}" for table in tables) + "\n"
    print(f"\n{text}")
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    described = {"what": what, "taken_at": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine.describe(), "figures": figures}
    (DIRECTORY / f"{what}.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    (DIRECTORY / f"{what}.md").write_text(text, encoding="utf-8")
    published.append(what)


def milliseconds(seconds: float) -> str:
    """Write a duration in milliseconds, with as many digits as matter."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.0995 else f"{seconds * 1000:,.0f} ms"


def seconds(value: float) -> str:
    """Write a duration in seconds."""
    return f"{value:,.1f} s" if value < 99.5 else f"{value:,.0f} s"
