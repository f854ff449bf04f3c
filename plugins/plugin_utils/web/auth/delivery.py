# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a verifier looks at: one request, its body as the bytes that came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_NO_QUERY: MultiDictProxy[str] = MultiDictProxy(MultiDict())


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request as its sender signed it.

    `headers` and `query` may name a thing several times. `peer_certificate` is what `ssl.SSLSocket.getpeercert` returns, None where there is
    none. `now` is in seconds since the epoch.
    """

    headers: CIMultiDictProxy[str] = field(default_factory=lambda: _NO_HEADERS)
    query: MultiDictProxy[str] = field(default_factory=lambda: _NO_QUERY)
    body: bytes = b""
    peer_certificate: Mapping[str, Any] | None = None
    now: float = 0.0

    def only_header(self, name: str) -> str | None:
        """Return a header that stands there once; None when it is absent, or there are several, of which nobody knows which was meant."""
        values = self.headers.getall(name, ())
        return values[0] if len(values) == 1 else None
