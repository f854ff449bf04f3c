# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How NetBox is reached, and how it is asked; without what does the asking, so that arguments can be checked where that is not installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Query = Sequence[tuple[str, str | int]]


@dataclass(frozen=True, slots=True)
class Access:
    """How NetBox is reached: `url` is what its own pages begin with, `token` one of version 1 or 2; `cafile` None: the system's certificates."""

    url: str
    token: str = field(repr=False)
    timeout_seconds: float = 30
    verify: bool = True
    cafile: str | None = None
    certfile: str | None = None
    keyfile: str | None = None
