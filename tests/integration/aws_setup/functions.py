# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of AWS Lambda that runs Python functions, for what moto is short of.

Without Docker, moto's Lambda runs nothing: it answers with what was sent, or with a text that was prepared, for functions that are not
there, too, and none ever fails. This one answers as the Lambda API Reference, "Invoke", has it: X-Amz-Function-Error and the body of a
failed function, DryRun, a function that is not there.
"""

from __future__ import annotations

import json
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class LostConnection(Exception):
    """Raised by a function: the answer never arrives."""


@dataclass
class Functions:
    """Functions by name, and what they were invoked with.

    Attributes:
        url: where the API is.
        handlers: a function each, from the payload to the answer; bytes are sent as they are.
        invoked: of each invocation the name, the qualifier, the type and the payload, in order.
    """

    url: str
    handlers: dict[str, Callable[[object], object]] = field(default_factory=dict)
    invoked: list[tuple[str, str, str, object]] = field(default_factory=list)

    @property
    def ran(self) -> list[object]:
        """The payloads that functions really ran with."""
        return [payload for _name, _qualifier, kind, payload in self.invoked if kind == "RequestResponse"]


@contextmanager
def running_functions() -> Iterator[Functions]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            address = urlsplit(self.path)
            name = unquote(address.path.split("/")[3]).rpartition(":")[2]
            kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
            payload = json.loads(body or b"{}")
            functions.invoked.append((name, parse_qs(address.query).get("Qualifier", [""])[0], kind, payload))
            if name not in functions.handlers:
                self._answer(404, {"Message": f"Function not found: {name}", "Type": "User"}, {"x-amzn-ErrorType": "ResourceNotFoundException"})
            elif kind == "DryRun":
                self._answer(204, b"", {})
            else:
                self._run(functions.handlers[name], payload)

        def _run(self, handler: Callable, payload: object) -> None:
            headers = {"X-Amz-Executed-Version": "7"}
            try:
                self._answer(200, handler(payload), headers)
            except LostConnection:
                self.close_connection = True
                self.connection.close()
            except (ConnectionError, BrokenPipeError):
                self.close_connection = True
            except Exception as error:
                failed = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": traceback.format_tb(error.__traceback__)}
                self._answer(200, failed, {**headers, "X-Amz-Function-Error": "Unhandled"})

        def _answer(self, status: int, answer: object, headers: dict[str, str]) -> None:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            own = {"x-amzn-RequestId": str(uuid.uuid4()), "Content-Type": "application/json", "Content-Length": str(len(body))}
            for header, value in {**headers, **own}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        functions = Functions(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield functions
        finally:
            server.shutdown()
        thread.join()
