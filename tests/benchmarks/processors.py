# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How busy the machine's processors are while something is measured, whoever it is that keeps them busy."""

from __future__ import annotations

from pathlib import Path


class Busy:
    """The share of all processors that was in use within the block, between 0 and 1."""

    share = 0.0

    def __enter__(self) -> Busy:
        self._began = _ticks()
        return self

    def __exit__(self, *_failure: object) -> None:
        idle, total = (now - before for now, before in zip(_ticks(), self._began))
        self.share = 1 - idle / total if total else 0.0


def _ticks() -> tuple[int, int]:
    fields = [int(each) for each in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)  # idle and waiting for a disk
