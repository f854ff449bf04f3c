# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The program that an operator would start a service with: service_program.py DIRECTORY.

DIRECTORY/service.json says what to serve and what is wrong with it. The program returns once the service listens, which then
runs in the background; it fails when the service cannot be started, and does nothing when it runs already.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    """Answer every GET with 200."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"up\n")

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


class Server(socketserver.ThreadingTCPServer):
    """A server that takes its port again at once; unlike http.server's it asks no name server for its name."""

    allow_reuse_address = True
    daemon_threads = True


def main(directory: Path) -> int:
    """Start the service unless it runs, and return the exit code."""
    settings = json.loads((directory / "service.json").read_text(encoding="ascii"))
    address = (settings["address"], settings["port"])
    with open(directory / "starts", "a", encoding="ascii") as starts:
        starts.write(f"{time.time()}\n")
    with open(directory / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second start waits for the first, as it does with systemd
        if listens(address):
            return 0
        if settings["broken"]:
            print("its data directory is gone", file=sys.stderr)
            return 1
        time.sleep(settings["start_seconds"])
        serve_in_background(Server(address, Answer), directory / "pid")
    return 0


def listens(address: tuple[str, int]) -> bool:
    """Say whether something answers there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(address) == 0


def serve_in_background(server: Server, pid_file: Path) -> None:
    """Leave a daemon behind that serves, and holds nothing open but its socket."""
    if os.fork():
        server.server_close()
        return
    os.setsid()
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    keep = server.fileno()
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
