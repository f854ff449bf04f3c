# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A receiver of webhooks that keeps what it gets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Got:
    """A delivery as it came."""

    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> dict:
        """What it says."""
        return json.loads(self.raw)


@dataclass
class Receiver:
    """What came; `status` and `seconds` are how the next ones are answered."""

    port: int = 0
    status: int = 202
    seconds: float = 0.0
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/netbox-vm"

    def wait_for(self, count: int, what: object = None, seconds: float = 20) -> list[Got]:
        """Wait for so many deliveries, by the name of the object where one is given."""
        end = time.monotonic() + seconds
        while True:
            found = [got for got in list(self.got) if what is None or got.body["data"]["display"] == what]
            if len(found) >= count:
                return found
            assert time.monotonic() < end, f"{len(found)} of {count} deliveries came in {seconds} s"
            time.sleep(0.01)


@contextmanager
def receiving(address: str = "127.0.0.1") -> Iterator[Receiver]:
    """Receive webhooks on a free port until the end of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(receiver.seconds)
            receiver.got.append(Got(dict(self.headers), raw))
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer((address, 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
