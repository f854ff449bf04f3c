# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A receiver of webhooks that keeps what came."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One webhook."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict:
        """What the webhook says."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Say whether the signature is that of the body, as NetBox makes it."""
        return hmac.compare_digest(self.headers.get("X-Hook-Signature", ""), hmac.new(secret.encode(), self.body, hashlib.sha512).hexdigest())


@dataclass
class Receiver:
    """Where webhooks are sent to, and those that came."""

    url: str
    received: list[Received] = field(default_factory=list)


@contextmanager
def receiver_of_webhooks() -> Iterator[Receiver]:
    """Listen until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, dict(self.headers), body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/netbox")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
        thread.join()
