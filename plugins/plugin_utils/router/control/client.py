# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the router that runs on this machine: the client's side of the control socket (server.py says what may be asked).

Playbooks run in other Python environments than ansible-rulebook: nothing but the standard library is imported here.
"""

from __future__ import annotations

import http.client
import json
import os
import pwd
import socket
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

# What the router takes when nothing else is said (config.py).
DEFAULT_STORE = "~/.local/state/eventops/store.db"
VARIABLE = "EVENTOPS_STORE"
LONGEST_PATH_BYTES = 100  # see at_short_path
HAS_SHORT_PATHS = os.path.isdir("/proc/self/fd") and hasattr(os, "O_PATH")
_PEER = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED
_LARGEST_POINTER_BYTES = 65_536
_LARGEST_ANSWER_BYTES = 256 * 1024 * 1024


class RouterError(Exception):
    """The router could not be asked, or did not do what it was asked; the message says what to do."""


class NoRouter(RouterError):
    """No router of this store runs."""


class Refused(RouterError):
    """The router answered that it does not do this. `status` is that of HTTP: 400, 404, 409 (not possible as things stand), 413, 503."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Router:
    """The router of one store.

    :param store: the path of its store; by default `$EVENTOPS_STORE`, else the router's own default.
    :param timeout_seconds: how long an answer may take.
    """

    def __init__(self, store: str | None = None, timeout_seconds: float = 60) -> None:
        given = store or os.environ.get(VARIABLE) or DEFAULT_STORE
        if "://" in given:
            raise RouterError(f"the store must be the path of a file, got {given.partition('://')[0]}://...")
        self.store = os.path.abspath(os.path.expanduser(given))
        self._timeout = timeout_seconds

    def get(self, path: str) -> dict[str, Any]:
        """Ask for something. Raises RouterError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the router to do something. Raises RouterError."""
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        connection = _Connection(*self._socket(), self._timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body is not None else {})
            response = connection.getresponse()
            text = response.read(_LARGEST_ANSWER_BYTES)
        except FileNotFoundError:
            raise NoRouter(self._none_runs()) from None
        except ConnectionRefusedError:
            raise NoRouter(f"{self._none_runs()}; the last one was killed") from None
        except PermissionError as error:
            raise RouterError(self._wrong_user()) from error
        except (OSError, http.client.HTTPException) as error:
            raise RouterError(f"the router of the store {self.store} did not answer: {type(error).__name__}: {error}") from error
        finally:
            connection.close()
        return _read(response.status, text)

    def _socket(self) -> tuple[str, int]:
        """Return the path of the control socket, and the user that it must belong to."""
        pointer = f"{self.store}.d/socket.json"
        try:
            text, owner = _regular_file(pointer)
            if not _is_believed(owner):
                raise RouterError(f"{pointer} belongs to {_name_of(owner)}: only that user, and root, may ask the router that it names")
            return str(json.loads(text)["socket"]), owner
        except FileNotFoundError:
            raise NoRouter(self._none_runs()) from None
        except PermissionError as error:
            raise RouterError(self._wrong_user()) from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RouterError(f"{pointer} is not what a router writes: {error!r}") from error

    def _none_runs(self) -> str:
        return (
            f"no router of the store {self.store} runs: start ansible-rulebook with the source eventops.infra.router, "
            f"or name the store of the one that runs by the option store or by ${VARIABLE}"
        )

    def _wrong_user(self) -> str:
        return f"the store {self.store} belongs to {_owner(self.store)}: run this as that user, as the router does"


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, owner: int, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path
        self._owner = owner

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        connect(self.sock, self._path)
        # The socket of a killed router may have been in a directory that anybody may write to: who answers there now?
        if hasattr(socket, "SO_PEERCRED"):
            _pid, uid, _gid = _PEER.unpack(self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
            if uid not in (0, self._owner) or not _is_believed(uid):
                raise RouterError(f"another user (uid {uid}) answers at {self._path}; the router that was there has ended: start it again")


def _regular_file(path: str) -> tuple[bytes, int]:
    """Read a small file and return its owner, too. Raises OSError, and ValueError where it is anything else: a FIFO would let a reader wait for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("no regular file")
        return file.read(_LARGEST_POINTER_BYTES), status.st_uid


def _is_believed(uid: int) -> bool:
    """Say whether a user may name or be the router that we ask: root and we ourselves may; root asks the router of whoever has written the file."""
    return os.geteuid() == 0 or uid in (0, os.geteuid())


def connect(connection: socket.socket, path: str) -> None:
    """Connect to a Unix socket whose path may be longer than the system takes. Raises OSError."""
    with at_short_path(path) as short:
        connection.connect(short)


@contextmanager
def at_short_path(path: str) -> Iterator[str]:
    """Give another path to the same place, which fits into a socket's address, while the body runs; where there is none, the path itself.

    unix(7): the address has 108 bytes with the closing zero on Linux, 104 on the BSDs. On Linux an open directory has a short name.
    """
    if len(os.fsencode(path)) <= LONGEST_PATH_BYTES or not HAS_SHORT_PATHS:
        yield path
        return
    directory = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{os.path.basename(path)}"
    finally:
        os.close(directory)


def _read(status: int, text: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(text)
        error = answer["error"] if status >= 400 else None
    except (ValueError, KeyError, TypeError) as failure:
        raise RouterError(f"the router's answer cannot be read (status {status}): {text[:200]!r}") from failure
    if error is not None:
        raise Refused(status, str(error))
    return answer


def _owner(store: str) -> str:
    for path in (store, os.path.dirname(store)):
        try:
            return _name_of(os.stat(path).st_uid)
        except OSError:
            continue
    return "another user"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
