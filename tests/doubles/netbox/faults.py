# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong on purpose: answers, silences and broken connections, for so many requests or until told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.tests.doubles.switched import Switched


@dataclass
class Fault(Switched):
    """A fault that is switched on; as a context manager it ends with the block.

    Args:
        status: of the answer.
        times: for how many requests; None until it is switched off.
        drop: breaks the connection without an answer.
        hang: answers nothing for so many seconds, and then breaks the connection; a number like 3600 is a request that times out.
        delay: waits so many seconds, and then answers as if nothing was.
        after: the request is carried out first, and only the answer is lost.
        methods, path: only requests with one of these methods, and with this in the path.
        body: of the answer; a dictionary is sent as JSON, a text as an HTML page.
        headers: more headers of the answer, such as Retry-After.
    """

    status: int = 503
    times: int | None = None
    drop: bool = False
    hang: float | None = None
    delay: float | None = None
    after: bool = False
    methods: Collection[str] = ()
    path: str = ""
    body: Mapping | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hits: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Say whether it hits a request, and count that."""
        hit = self.is_on and (not self.methods or method in self.methods) and self.path in path and (self.times is None or self.hits < self.times)
        self.hits += hit
        return hit
