# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands before moto in its process: requests are counted by their call, and what a test feeds goes to the door."""

from __future__ import annotations

import io
import json
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.eventops.infra.tests.doubles.aws.calls import call_of

from . import door

DOOR = "/double/"


class Front:
    """A WSGI application around moto's.

    :param moto: the application of moto.
    """

    def __init__(self, moto: Callable) -> None:
        self._moto = moto
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        """Answer a request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if environ.get("HTTP_TRANSFER_ENCODING") != "chunked" else b""
        path = environ.get("PATH_INFO", "")
        if path.startswith(DOOR):
            return self._ask_door(path.removeprefix(DOOR), body, start_response)
        if environ.get("HTTP_TRANSFER_ENCODING") != "chunked":
            environ["wsgi.input"] = io.BytesIO(body)
        if not path.startswith("/moto-api"):
            self._count(environ, path, body)
        return self._moto(environ, start_response)

    def _count(self, environ: dict[str, Any], path: str, body: bytes) -> None:
        headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE", "")
        call = call_of(environ["REQUEST_METHOD"], f"{path}?{environ.get('QUERY_STRING', '')}", headers, body)
        with self._lock:
            self.calls[call.name] += 1

    def _ask_door(self, name: str, body: bytes, start_response: Callable) -> Iterable[bytes]:
        try:
            with self._lock:
                calls = dict(self.calls)
                if name in ("reset", "forget_calls"):
                    self.calls.clear()
            answer = calls if name == "calls" else door.do(name, json.loads(body or b"{}"))
            status = "200 OK"
        except Exception:  # the test shall see what went wrong
            answer, status = {"error": traceback.format_exc()}, "500 Internal Server Error"
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]
