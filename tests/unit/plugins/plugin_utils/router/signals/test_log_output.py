# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where lines of the log go: whole lines only, into the file that is at the path now."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from contextlib import contextmanager

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.log_output import LogFile, StandardOutput, mistake, output_to


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "with a space.json"


@pytest.fixture(name="log")
def _log(path):
    log = LogFile(path)
    yield log
    log.close()


@contextmanager
def a_disk_that_is_full_at(size: int):
    """A limit on the size of files stands for the full disk: a write takes what fits, and the next one fails."""
    before, handled = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_file_that_is_made_may_be_read_by_its_group_and_nobody_else(log, path, umask):
    before = os.umask(umask)
    try:
        log.write([b"one\n"])
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_there_is_appended_to_and_keeps_its_mode(log, path):
    path.write_bytes(b"before\n")
    path.chmod(0o600)
    log.write([b"one\n", b"two\n"])
    assert path.read_bytes() == b"before\none\ntwo\n" and path.stat().st_mode & 0o777 == 0o600


def test_what_was_written_is_gone_from_the_list(log):
    lines = [b"one\n", b"two\n"]
    log.write(lines)
    assert lines == []


def test_a_file_that_moved_is_left_and_another_one_begun(log, path):
    log.write([b"one\n"])
    path.rename(path.with_suffix(".1"))
    log.write([b"two\n"])
    assert (path.with_suffix(".1").read_bytes(), path.read_bytes()) == (b"one\n", b"two\n")


def test_a_file_that_was_deleted_is_made_again(log, path):
    log.write([b"one\n"])
    path.unlink()
    log.write([b"two\n"])
    assert path.read_bytes() == b"two\n"


def test_another_file_in_its_place_is_the_one_that_is_written(log, path):
    log.write([b"one\n"])
    path.with_suffix(".new").write_bytes(b"")
    path.with_suffix(".new").rename(path)
    log.write([b"two\n"])
    assert path.read_bytes() == b"two\n"


def test_a_directory_that_comes_back_is_written_to_again(log, path, tmp_path):
    log.write([b"one\n"])
    tmp_path.rename(tmp_path.with_suffix(".away"))
    lines = [b"two\n"]
    with pytest.raises(OSError):
        log.write(lines)
    assert lines == [b"two\n"]
    tmp_path.with_suffix(".away").rename(tmp_path)
    log.write(lines)
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_full_disk_leaves_no_half_of_a_line(log, path):
    log.write([b"one\n"])
    lines = [b"a line that does not fit\n"]
    with a_disk_that_is_full_at(12), pytest.raises(OSError):
        log.write(lines)
    assert path.read_bytes() == b"one\n"
    log.write(lines)
    assert path.read_bytes() == b"one\na line that does not fit\n"


def test_playbooks_do_not_inherit_it(log, path):
    log.write([b"one\n"])
    listed = subprocess.run(["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, check=True, close_fds=False).stdout
    assert str(path) not in listed


def test_standard_output_keeps_what_was_not_written():
    reader, writer = os.pipe()
    output = StandardOutput(writer)
    output.write([b"one\n", b"two\n"])
    assert os.read(reader, 100) == b"one\ntwo\n"
    os.close(reader)
    lines = [b"three\n"]
    with pytest.raises(BrokenPipeError):
        output.write(lines)
    assert lines == [b"three\n"]
    output.close()
    os.close(writer)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("no/such/log", "the directory {}/no/such does not exist; create it, owned by the user that runs ansible-rulebook"),
        ("", "{} is no regular file; name one, or write stdout"),
        ("fifo", "{}/fifo is no regular file; name one, or write stdout"),
        ("loop", "{}/loop cannot be written: Too many levels of symbolic links; name another file, or let the user that"),
    ],
)
def test_a_path_that_cannot_be_used_is_said_at_the_start(tmp_path, name, expected):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    assert mistake(str(tmp_path / name)).startswith(expected.format(tmp_path))


def test_a_link_of_the_admins_own_is_followed(log, path, tmp_path):
    there = tmp_path / "other disk"
    there.mkdir()
    path.symlink_to(there / "log.json")
    assert mistake(str(path)) is None
    log.write([b"one\n"])
    assert (there / "log.json").read_bytes() == b"one\n" and path.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link away")
def test_a_link_of_another_user_is_not_followed(log, path, tmp_path):
    """In a directory where others may write, one could have the log appended to any file of ours."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    path.symlink_to(victim)
    os.lchown(path, 54321, 54321)
    assert "it is a link of another user (uid 54321)" in mistake(str(path))
    with pytest.raises(OSError, match="link of another user"):
        log.write([b"one\n"])
    assert victim.read_bytes() == b""


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize("is_linked", [False, True])
def test_what_came_into_its_place_and_is_no_file_is_said(log, path, tmp_path, make, is_linked):
    log.write([b"one\n"])
    path.unlink()
    make(tmp_path / "other" if is_linked else path)
    if is_linked:
        path.symlink_to("other")
    with pytest.raises(OSError, match="no regular file"):
        log.write([b"two\n"])


def test_a_path_that_can_be_used_is_no_mistake(path):
    assert mistake(str(path)) is None and mistake("stdout") is None
    assert isinstance(output_to(str(path)), LogFile)


@pytest.mark.skipif(not shutil.which("logrotate", path=f"{os.environ.get('PATH')}:/usr/sbin"), reason="needs logrotate")
@pytest.mark.parametrize("options", ["create 0640", "nocreate", "create 0640\n  compress"])
def test_logrotate_as_it_is_needs_no_signal_and_no_line_is_lost(log, path, tmp_path, options):
    """The real logrotate, with the lines that the documentation shows; without copytruncate."""
    configuration = tmp_path / "logrotate.conf"
    configuration.write_text(f'"{path}" {{\n  rotate 5\n  {options}\n  missingok\n}}\n')
    configuration.chmod(0o600)
    tmp_path.chmod(0o700)
    command = [shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin"), "--force", "--state", str(tmp_path / "state"), str(configuration)]
    for number in range(3):
        log.write([b"line %d\n" % number])
        subprocess.run(command, check=True, capture_output=True)
    log.write([b"line 3\n"])
    kept = [path, *(path.with_name(f"{path.name}.{number}{'.gz' if 'compress' in options else ''}") for number in (1, 2, 3))]
    read = [subprocess.run(["zcat", "-f", each], check=True, capture_output=True).stdout for each in kept]
    assert read == [b"line 3\n", b"line 2\n", b"line 1\n", b"line 0\n"]


def test_a_closed_standard_output_is_said_at_the_start():
    kept = os.dup(1)
    try:
        os.close(1)
        said = mistake("stdout")
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert said == "standard output is closed; have it go somewhere, or name a file"
