# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the control socket is: beside the store, or where a socket can be, and a small file beside the store that says where.

`run_playbook` copies the folder of its playbook, and ansible-rulebook's inventory, with shutil.copytree, which fails on a socket: a store that lies in such
a folder keeps its socket elsewhere.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import directory_of

from .client import HAS_SHORT_PATHS, LONGEST_PATH_BYTES

SOCKET = "control.sock"
POINTER = "socket.json"
_FOLDER_PREFIX = "eventops-"


class NoPlace(Exception):
    """No directory can hold the socket; the message says which were tried."""


def make_place(store: Path, copied: Iterable[Path], environment: Mapping[str, str]) -> Path:
    """Return the path for the socket, where nothing is yet: what a killed router left is removed.

    :param store: the store's file, held by this process, so that no other router of it is alive.
    :param copied: folders that ansible-rulebook copies.
    :param environment: where `XDG_RUNTIME_DIR` is looked for.
    :raises NoPlace: when there is none.
    """
    _remove_left_over(store)
    folders = [os.path.realpath(each) for each in copied]
    tried = []
    for folder in _candidates(store, environment):
        made = None
        try:
            if folder == directory_of(store):
                place = folder / SOCKET
            else:
                made = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=folder))  # 0700
                place = made / SOCKET
            reason = _unfit(place, folders)
        except OSError as error:
            reason = str(error)
        if reason is None:
            return place
        if made is not None:
            made.rmdir()
        tried.append(f"{folder}: {reason}")
    raise NoPlace("; ".join(tried))


def announce(store: Path, socket: Path) -> None:
    """Write down where the socket is, for this user alone; a reader sees the old file or the new one, never half of one."""
    pointer = directory_of(store) / POINTER
    temporary = pointer.with_suffix(f".{os.getpid()}")
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"socket": str(socket), "pid": os.getpid()}, file)
    temporary.rename(pointer)


def clear(store: Path, socket: Path) -> None:
    """Remove the socket, the folder that was made for it, and the file that says where it was."""
    for each in (directory_of(store) / POINTER, socket):
        with suppress(FileNotFoundError):
            each.unlink()
    if socket.parent != directory_of(store):
        with suppress(OSError):
            socket.parent.rmdir()


def _candidates(store: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    yield directory_of(store)
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield Path(runtime)
    yield Path(tempfile.gettempdir())
    yield Path("/tmp")  # the user's own TMPDIR may be unfit, too


def _unfit(place: Path, copied: Iterable[str]) -> str | None:
    if (length := len(os.fsencode(place))) > LONGEST_PATH_BYTES and not HAS_SHORT_PATHS:
        return f"its path has {length} bytes, a socket's has at most {LONGEST_PATH_BYTES}"
    real = os.path.realpath(place.parent)
    inside = next((folder for folder in copied if os.path.commonpath([folder, real]) == folder), None)
    if inside is not None:
        return f"ansible-rulebook copies {inside}, which fails on a socket"
    status = os.lstat(place.parent)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        return "it is not a directory of this user's own, mode 0700"
    return None


def _remove_left_over(store: Path) -> None:
    """Remove what a killed router left. Where another program's file may be meant, or another user's, it stays."""
    beside = directory_of(store) / SOCKET
    with suppress(FileNotFoundError, IsADirectoryError, PermissionError):
        beside.unlink()  # a link itself, not what it points to
    pointer = directory_of(store) / POINTER
    try:
        descriptor = os.open(pointer, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, encoding="utf-8") as file:
            socket = Path(json.load(file)["socket"])
        folder = os.lstat(socket.parent)
        ours = stat.S_ISDIR(folder.st_mode) and folder.st_uid == os.geteuid() and not stat.S_IMODE(folder.st_mode) & 0o077
        if ours and socket.name == SOCKET and socket.parent.name.startswith(_FOLDER_PREFIX):
            with suppress(FileNotFoundError):
                socket.unlink()
            socket.parent.rmdir()
    except (OSError, ValueError, KeyError, TypeError):
        pass
    with suppress(FileNotFoundError, IsADirectoryError, PermissionError):
        pointer.unlink()
