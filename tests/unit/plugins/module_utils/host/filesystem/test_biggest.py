# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What fills a filesystem is found within a time, once, and named where it is rather than by all that it is in."""

from __future__ import annotations

import itertools
import os
import sys

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem import biggest as module
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.biggest import biggest
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.deleted import deleted_but_open
from ansible_collections.eventops.infra.plugins.module_utils.host.filesystem.telling import named

KIB = 1024


def write(path, kib: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(kib * KIB))


def test_directories_and_files(tmp_path):
    write(tmp_path / "var" / "log" / "app" / "debug.log", 900)
    write(tmp_path / "var" / "cache" / "a", 200)
    write(tmp_path / "home" / "notes", 50)

    found = biggest(str(tmp_path), 3, 10)

    names = [os.path.relpath(path, tmp_path) for path, _size in found.directories]
    # var/log is not told of: nearly all of it is in var/log/app.
    assert names == ["var/log/app", "var/cache", "home"] or names == ["var", "var/log/app", "var/cache"]
    assert [os.path.relpath(path, tmp_path) for path, _size in found.files] == ["var/log/app/debug.log", "var/cache/a", "home/notes"]
    assert found.files[0][1] >= 900 * KIB
    assert found.is_complete


def test_a_file_with_two_names_is_counted_once_and_links_are_not_followed(tmp_path):
    write(tmp_path / "one" / "file", 400)
    (tmp_path / "two").mkdir()
    os.link(tmp_path / "one" / "file", tmp_path / "two" / "same")
    os.symlink("/", tmp_path / "two" / "everything")

    found = biggest(str(tmp_path), 5, 10)

    assert len(found.files) - sum(size == 0 for _path, size in found.files) == 1


def test_when_the_time_is_up_it_says_so(tmp_path):
    for number in range(20):
        write(tmp_path / str(number) / "file", 1)
    clock = itertools.count()

    found = biggest(str(tmp_path), 5, 5, now=lambda: next(clock))

    assert not found.is_complete


def test_one_directory_with_very_many_entries_takes_no_longer_than_all(tmp_path):
    for number in range(50):
        (tmp_path / str(number)).touch()
    clock = itertools.count()

    found = biggest(str(tmp_path), 5, 5, now=lambda: next(clock))

    assert not found.is_complete
    assert next(clock) < 10


def test_long_paths_do_not_take_the_memory_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_CHARACTERS", 50 * len(str(tmp_path)))
    for number in range(1000):
        (tmp_path / str(number)).mkdir()

    found = biggest(str(tmp_path), 1000, 10)

    assert not found.is_complete


def test_where_something_else_is_mounted_is_not_even_looked_at(tmp_path):
    write(tmp_path / "gone" / "file", 400)
    write(tmp_path / "here" / "file", 100)

    found = biggest(str(tmp_path), 5, 10, mounted={str(tmp_path / "gone")})

    assert [path for path, _size in found.files] == [str(tmp_path / "here" / "file")]
    assert found.is_complete


def test_many_entries_are_told_of_as_such(tmp_path):
    for number in range(200):
        (tmp_path / "spool").mkdir(exist_ok=True)
        (tmp_path / "spool" / str(number)).touch()
    write(tmp_path / "big" / "file", 500)

    assert biggest(str(tmp_path), 1, 10).busiest == [(str(tmp_path / "spool"), 200)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux")
def test_a_deleted_file_that_is_open(tmp_path):
    write(tmp_path / "gone", 100)
    with open(tmp_path / "gone", "rb"):
        (tmp_path / "gone").unlink()
        # Of all processes: those of others may hold deleted files on this filesystem, too.
        found = [each for each in deleted_but_open(str(tmp_path), 10_000, 30) if each.path == str(tmp_path / "gone")]

    assert [(each.pid, each.bytes >= 100 * KIB) for each in found] == [(os.getpid(), True)]


def test_any_name_is_told(tmp_path):
    raw = os.fsencode(tmp_path) + b"/\xff\x1b[31m\n"
    with open(raw, "wb"):
        pass

    assert named(os.fsdecode(raw)).isprintable()
