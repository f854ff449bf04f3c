# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small HTTP server that becomes a daemon once it listens: http_server.py ADDRESS PORT PID_FILE. Prometheus can scrape it."""

from __future__ import annotations

import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

BODY = b"# up\n"  # a comment, where Prometheus looks for metrics


class Answer(BaseHTTPRequestHandler):
    """Answer every GET with 200."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


class Server(socketserver.ThreadingTCPServer):
    """A server that takes its port again at once; unlike http.server's it asks no name server for its name."""

    allow_reuse_address = True
    daemon_threads = True


def main(address: str, port: int, pid_file: Path) -> None:
    """Listen, go into the background and serve."""
    server = Server((address, port), Answer)
    ready, tell_ready = os.pipe()
    if os.fork():
        os.read(ready, 1)
        os._exit(0)  # whoever started this knows that it listens, and finds its process id
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    os.write(tell_ready, b".")
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
