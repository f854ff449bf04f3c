# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answers:
    """`status`, `body` and `headers` are what is answered; `asked` method, path and headers of each request."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    wait: threading.Event = field(default_factory=threading.Event)
    url: str = ""


@contextmanager
def answering(tls: ssl.SSLContext | None = None) -> Iterator[Answers]:
    """Answer on a free port of loopback until the end of the block."""
    answers = Answers()
    answers.wait.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.asked.append((self.command, self.path, self.headers))
            length = int(self.headers.get("Content-Length", 0))
            if length:
                answers.sent.append(json.loads(self.rfile.read(length)))
            answers.wait.wait(10)
            content = answers.body if isinstance(answers.body, bytes) else json.dumps(answers.body).encode()
            self.send_response(answers.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **answers.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PATCH = do_GET

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    answers.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        answers.wait.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
