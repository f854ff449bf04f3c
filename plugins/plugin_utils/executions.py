# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file that each run of a dispatch's playbook keeps: a line when it starts, one per host, and one when it ended.

The callback writes `<store>.d/executions/<dispatch>.<pid>` and holds a lock on it; the router reads. The callback loads
this file by its path into ansible-playbook, whichever collections that finds: nothing but the standard library is
imported here, and the syntax is that of Python 3.10.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

# As uuid.uuid4() and ansible-rulebook write it. It becomes a file's name: nothing else may.
_DISPATCH = re.compile(r"[0-9a-f-]{36}")
_FILE = re.compile(rf"(?P<dispatch>{_DISPATCH.pattern})\.(?P<pid>[0-9]+)(?:\.[0-9]+)?")
_DRAFT = re.compile(r"\.[0-9]+\.[0-9a-f]{16}")  # of a writer that was killed before its file had its name
_STATUSES = ("ok", "failed", "unreachable", "skipped")

# Why flock, and not POSIX locks (lockf, fcntl): an flock belongs to the open file, so the workers that ansible-playbook
# forks hold it too, and the run counts as alive until the last of them is gone, also when the main process was killed.
# What they execute (modules, ssh and its ControlPersist masters, daemons started by a task) does not inherit it, as
# Python opens files with O_CLOEXEC. A POSIX lock would end with the main process, and whenever any part of that process
# opens and closes the same file. Over NFS, Linux sends an flock to the server as a lock of the whole file: it still
# works, on one machine and between several.
_EXCLUSIVE = fcntl.LOCK_EX | fcntl.LOCK_NB
_SHARED = fcntl.LOCK_SH | fcntl.LOCK_NB  # readers do not disturb each other, and NFS asks no writable file for it

_sync = getattr(os, "fdatasync", os.fsync)  # macOS has none


class AlreadyRecorded(Exception):
    """This process records this dispatch already: the callback was loaded twice."""


@dataclass(frozen=True)
class HostResult:
    """What a run did on one host. `error` is the last one that made it fail; it is text from a host, so untrusted."""

    status: str  # ok, failed, unreachable or skipped
    changed: int = 0
    duration_seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True)
class Execution:
    """One run of a playbook for a dispatch, as far as its file tells. Times are RFC 3339, UTC.

    `alive`: a process of the run exists. Not `ended` and not `alive`: it was killed, or Ansible gave up on the playbook
    (an error outside of any host's task); then there are no `hosts`.
    """

    dispatch: str
    pid: int
    alive: bool
    playbook: str = ""
    cwd: str = ""  # run_playbook makes a directory for each action, and its `retries` stay in it
    started_at: str = ""  # empty when even the first line did not survive
    check_mode: bool = False
    ended: bool = False
    ended_at: str | None = None
    rc_hint: int | None = None  # what ansible-playbook's return code will be by its statistics
    hosts: dict[str, HostResult] = field(default_factory=dict)


def directory_of(store: str | Path) -> Path:
    """Name the directory of executions beside a store.

    :raises ValueError: when the path is not absolute. A playbook runs in a directory of its own.
    """
    if not os.path.isabs(store):
        raise ValueError(f"the store must be an absolute path, got {str(store)!r}")
    return Path(f"{store}.d") / "executions"


def is_dispatch(uuid: object) -> bool:
    """Tell whether a value is a dispatch's uuid, which may become a file's name."""
    return isinstance(uuid, str) and _DISPATCH.fullmatch(uuid) is not None


def prepare(directory: Path) -> None:
    """Create the directory of executions, for its owner only, and prove that a file can be locked and put there.

    :raises OSError: when it cannot; without the lock nobody could tell a live run from a killed one.
    """
    _make(directory)
    for left_over in (directory / name for name in _names(directory) if _DRAFT.fullmatch(name)):
        if not _is_locked(left_over):
            left_over.unlink(missing_ok=True)
    descriptor, source = _create(directory)
    try:
        fcntl.flock(descriptor, _EXCLUSIVE)
        probe = _draft_in(directory)
        _name(source, probe)
        os.unlink(probe)
    finally:
        os.close(descriptor)
        _remove_draft(source)


class ExecutionWriter:
    """Record one run: `started` on creation, then, with `end`, the hosts and `ended`. The lock is held until then.

    Nothing is buffered, and nothing happens when the object is deleted: a forked worker has a copy of it.
    """

    def __init__(self, directory: Path, dispatch: str, *, playbook: str, started_at: str, check_mode: bool = False) -> None:
        """Create the file.

        :param directory: see `directory_of`; created when it is missing, beside an existing store's directory.
        :raises AlreadyRecorded: when this process has a live file of this dispatch.
        :raises OSError: when the file cannot be created, locked or written; then none is left.
        """
        if not is_dispatch(dispatch):
            raise ValueError(f"not the uuid of a dispatch: {dispatch!r}")
        _make(directory)
        pid = os.getpid()
        self._descriptor, source = _create(directory)
        try:
            # Locked and written before it has its name: a reader never sees a live run without its lock.
            fcntl.flock(self._descriptor, _EXCLUSIVE)
            self._write(
                {
                    "line": "started",
                    "dispatch": dispatch,
                    "pid": pid,
                    "playbook": playbook,
                    "cwd": os.getcwd(),
                    "time": started_at,
                    "check_mode": check_mode,
                }
            )
            _publish(source, directory / f"{dispatch}.{pid}")
            _sync_directory(directory)
        except BaseException:
            os.close(self._descriptor)
            raise
        finally:
            _remove_draft(source)

    def end(self, hosts: Mapping[str, HostResult], *, ended_at: str, rc_hint: int) -> None:
        """Write what became of each host, then `ended`, and let go of the lock.

        :raises OSError: when the lines cannot be written; the file keeps whole lines only, and does not count as ended.
        """
        try:
            if hosts:
                self._write(*(_host_line(name, result) for name, result in hosts.items()))
            # By itself, after the hosts are on disk: whoever reads `ended` has them all, after a power failure too.
            self._write({"line": "ended", "time": ended_at, "rc_hint": rc_hint})
        finally:
            os.close(self._descriptor)

    def _write(self, *lines: Mapping) -> None:
        # Text that is not UTF-8 (a path, a command's output) arrives as lone surrogates, which nothing else can store.
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")
        whole = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
            _sync(self._descriptor)
        except OSError:
            with suppress(OSError):  # a full disk takes part of a line
                os.ftruncate(self._descriptor, whole)
            raise


def read_dispatch(directory: Path, uuid: str) -> list[Execution]:
    """Read the executions of a dispatch, oldest first. A line that was torn, or that nobody can read, is left out."""
    executions = [execution for path in _files(directory, uuid) if (execution := _read(path)) is not None]
    return sorted(executions, key=lambda execution: (execution.started_at, execution.pid))


def remove_dispatch(directory: Path, uuid: str) -> bool:
    """Remove the files of a dispatch, except where a run is alive. Returns whether none is left."""
    for path in _files(directory, uuid):
        if not _is_locked(path):
            path.unlink(missing_ok=True)
    return not _files(directory, uuid)


def list_dispatches(directory: Path) -> set[str]:
    """Name the dispatches that have a file: not only the router's own, but any event's whose rule ran a playbook."""
    return {match["dispatch"] for name in _names(directory) if (match := _FILE.fullmatch(name))}


def _make(directory: Path) -> None:
    for folder in (directory.parent, directory):
        folder.mkdir(mode=0o700, exist_ok=True)


def _create(directory: Path) -> tuple[int, str]:
    # Without a name, where the system can: a run_playbook that copies this directory meanwhile (the store may lie beside the
    # playbook) fails over a file that it has seen and that is gone a moment later. Returns what the file can be linked from.
    with suppress(AttributeError, OSError):
        descriptor = os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        if os.path.exists(source := f"/proc/self/fd/{descriptor}"):
            return descriptor, source
        os.close(descriptor)
    draft = _draft_in(directory)
    return os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), draft


def _draft_in(directory: Path) -> str:
    return f"{directory.absolute()}/.{os.getpid()}.{os.urandom(8).hex()}"


def _publish(source: str, path: Path) -> None:
    # A process's number comes again, after a restart of a container nearly at once, and a dispatch keeps its uuid when it goes out again.
    again = 0
    name = path
    while True:
        try:
            return _name(source, name)
        except FileExistsError:
            if _is_locked(name):  # no other live process has our number
                raise AlreadyRecorded(name.name) from None
            again += 1
            name = path.with_name(f"{path.name}.{again}")


def _name(source: str, path: str | Path) -> None:
    # Any `src_dir_fd` makes Python call linkat with AT_SYMLINK_FOLLOW, which a descriptor's entry in /proc needs.
    os.link(source, path, src_dir_fd=0, follow_symlinks=True)


def _remove_draft(source: str) -> None:
    if not source.startswith("/proc/"):
        os.unlink(source)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # not every file system can
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _names(directory: Path) -> list[str]:
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []


def _files(directory: Path, uuid: str) -> list[Path]:
    return [directory / name for name in _names(directory) if (match := _FILE.fullmatch(name)) and match["dispatch"] == uuid]


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, _SHARED)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def _read(path: Path) -> Execution | None:
    # The lock before the lines: the other way round, a run that ends in between would look killed.
    alive = _is_locked(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    match = _FILE.fullmatch(path.name)
    known: dict = {"dispatch": match["dispatch"], "pid": int(match["pid"]), "alive": alive, "hosts": {}}
    for line in _whole_lines(data):
        with suppress(KeyError, TypeError, ValueError, OverflowError):
            _take(line, known)
    return Execution(**known)


def _whole_lines(data: bytes) -> Iterator[dict]:
    # Only what ends with a line feed was written whole.
    for text in data.split(b"\n")[:-1]:
        with suppress(ValueError, RecursionError):
            line = json.loads(text)
            if isinstance(line, dict):
                yield line


def _take(line: dict, known: dict) -> None:
    kind = line.get("line")
    if kind == "started":
        known.update(playbook=str(line["playbook"]), cwd=str(line["cwd"]), started_at=str(line["time"]), check_mode=line["check_mode"] is True)
    elif kind == "host" and line["status"] in _STATUSES:
        error = line["error"]
        known["hosts"][str(line["host"])] = HostResult(line["status"], int(line["changed"]), float(line["duration"]), None if error is None else str(error))
    elif kind == "ended":
        known.update(ended=True, ended_at=str(line["time"]), rc_hint=int(line["rc_hint"]))


def _host_line(name: str, result: HostResult) -> dict:
    return {
        "line": "host",
        "host": name,
        "status": result.status,
        "changed": result.changed,
        "duration": result.duration_seconds,
        "error": result.error,
    }
