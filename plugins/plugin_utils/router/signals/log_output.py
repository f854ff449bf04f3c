# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where lines of the log go: a file that logrotate may move away at any time, or standard output.

Both write whole lines and may block, so who calls them lives on a thread of its own.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Protocol

STDOUT = "stdout"
_MODE = 0o640  # the group may read it: the log shipper's
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


class Output(Protocol):
    """A place for lines; a line longer than `most_bytes` may be torn apart there."""

    most_bytes: int | None

    def write(self, lines: list[bytes]) -> None:
        """Write lines; each that is written goes from the front of the list. Raises OSError, and then no part of what is left was written."""

    def close(self) -> None:
        """Give the place back."""


def mistake(target: str) -> str | None:
    """Try whether a log can be written to `stdout` or to a file, by its absolute path; return what is wrong with it, and what to do.

    A file that is not there is made.
    """
    if target == STDOUT:
        return _mistake_of_standard_output()
    path = Path(target)
    if not path.parent.is_dir():
        return f"the directory {path.parent} does not exist; create it, owned by the user that runs ansible-rulebook"
    if path.exists() and not path.is_file():
        return f"{path} is no regular file; name one, or write {STDOUT}"
    try:
        os.close(_open(path))
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}; name another file, or let the user that runs ansible-rulebook write this one"
    return None


def _mistake_of_standard_output() -> str | None:
    try:
        os.fstat(1)
    except OSError:
        return "standard output is closed; have it go somewhere, or name a file"
    return None


def output_to(target: str) -> Output:
    """Return the place that `log` names."""
    return StandardOutput() if target == STDOUT else LogFile(Path(target))


class LogFile:
    """A file that is appended to, and opened again when another one, or none, is at its path."""

    most_bytes = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def write(self, lines: list[bytes]) -> None:
        """Append all lines or none."""
        self._open_what_is_there()
        data = b"".join(lines)
        before = os.fstat(self._descriptor).st_size
        try:
            _write_all(self._descriptor, data)
        except OSError:
            self._take_back(before)
            raise
        lines.clear()

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open_what_is_there(self) -> None:
        if self._descriptor >= 0:
            own = os.fstat(self._descriptor)
            with suppress(FileNotFoundError):
                there = os.stat(self._path)
                if (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino):
                    return
            self.close()
        self._descriptor = _open(self._path)

    def _take_back(self, size: int) -> None:
        """Remove the beginning of what did not fit, so that no reader finds half a line."""
        with suppress(OSError):
            if os.fstat(self._descriptor).st_size > size:  # not when somebody has emptied the file meanwhile
                os.ftruncate(self._descriptor, size)


class StandardOutput:
    """The output of ansible-rulebook, which others write to as well.

    A pipe takes up to PIPE_BUF = 4096 bytes in one piece (pipe(7)): nobody's output ends up within a line that is no longer.
    """

    most_bytes = 4096

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = os.dup(descriptor)

    def write(self, lines: list[bytes]) -> None:
        while lines:
            _write_all(self._descriptor, lines[0])
            del lines[0]

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _write_all(descriptor: int, data: bytes) -> None:
    written = os.write(descriptor, data)
    while written < len(data):  # the disk is nearly full: the rest fits after all, or this write says why not
        written += os.write(descriptor, data[written:])


def _open(path: Path) -> int:
    try:
        descriptor = os.open(path, _FLAGS | os.O_EXCL, _MODE)
    except FileExistsError:
        descriptor = _open_existing(path)
    else:
        os.fchmod(descriptor, _MODE)  # whatever the umask is
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_regular_file(path)
    return descriptor


def _open_existing(path: Path) -> int:
    """Open a file that is there, or that a link of ours or of root's leads to: another user's could have us write anywhere."""
    try:
        return os.open(path, _FLAGS | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.EISDIR):  # a FIFO that nobody reads, a socket; a directory
            raise _no_regular_file(path) from error
        if error.errno != errno.ELOOP:
            raise
    owner = os.lstat(path).st_uid
    if owner not in (0, os.geteuid()):
        raise OSError(errno.EPERM, f"it is a link of another user (uid {owner})", str(path))
    try:
        return os.open(path, _FLAGS, _MODE)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.EISDIR):
            raise _no_regular_file(path) from error
        raise


def _no_regular_file(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is no regular file", str(path))
