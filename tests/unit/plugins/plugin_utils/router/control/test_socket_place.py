# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the control socket is: beside the store where it can be, never where ansible-rulebook copies it, and what a killed router left is cleared."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import socket_place
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.socket_place import NoPlace, announce, clear, make_place
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import directory_of


@pytest.fixture
def short(monkeypatch):
    """Return a directory with a short path: pytest's own may be too long for a socket."""
    directory = Path(tempfile.mkdtemp(prefix="t", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def store(short) -> Path:
    """Return the path of a store with the directory beside it."""
    path = short / "site" / "store.db"
    path.parent.mkdir()
    directory_of(path).mkdir(mode=0o700)
    return path


def listen(place: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(place))
    return listening


def test_it_is_beside_the_store(store):
    assert make_place(store, [], {}) == directory_of(store) / "control.sock"


@pytest.mark.parametrize("copied", ["site", ".", "site/store.db.d"])
def test_a_store_in_a_folder_that_is_copied_has_it_elsewhere(store, short, copied):
    runtime = short / "run"
    runtime.mkdir()
    copied = [short / "elsewhere", short / copied] if copied != "." else [short]
    environment = {"XDG_RUNTIME_DIR": str(runtime)}

    place = make_place(store, copied, environment)

    assert not any(place.is_relative_to(each) for each in copied)
    assert place.parent.stat().st_mode & 0o777 == 0o700
    listen(place).close()
    for folder in copied:
        if folder.exists():
            shutil.copytree(folder, short.parent / f"{short.name}-copy")  # what run_playbook does, and what fails on a socket
            shutil.rmtree(short.parent / f"{short.name}-copy")
    clear(store, place)
    assert not place.parent.exists()


def test_a_link_into_a_folder_that_is_copied_counts_as_in_it(store, short):
    (short / "link").symlink_to(store.parent)

    place = make_place(short / "link" / store.name, [store.parent], {})

    assert not place.resolve().is_relative_to(store.parent)


def test_a_path_that_is_too_long_for_a_socket_where_the_system_knows_no_shorter_one(short, monkeypatch):
    monkeypatch.setattr(socket_place, "HAS_SHORT_PATHS", False)
    store = short / ("a" * 90) / "store.db"
    directory_of(store).mkdir(parents=True, mode=0o700)
    runtime = short / ("r" * 90)
    runtime.mkdir()

    place = make_place(store, [], {"XDG_RUNTIME_DIR": str(runtime)})

    listen(place).close()
    assert list(runtime.iterdir()) == [], "nothing is left where it did not fit"
    clear(store, place)


def test_a_directory_that_others_may_enter_is_not_taken(store):
    directory_of(store).chmod(0o755)

    assert make_place(store, [], {}).parent != directory_of(store)


def test_where_there_is_no_place_it_says_what_was_tried(store, short):
    with pytest.raises(NoPlace) as tried:
        make_place(store, [Path("/")], {"XDG_RUNTIME_DIR": "/nonexistent"})
    assert "ansible-rulebook copies /" in str(tried.value) and "/nonexistent" in str(tried.value)
    assert [each.name for each in short.iterdir()] == ["site"]


def test_what_a_killed_router_left_is_replaced(store, short):
    listen(directory_of(store) / "control.sock").close()
    for _life in range(3):
        elsewhere = make_place(store, [store.parent], {})
        listen(elsewhere).close()
        announce(store, elsewhere)

    place = make_place(store, [], {})

    listen(place).close()
    assert place == directory_of(store) / "control.sock"
    assert [each.name for each in short.iterdir()] == ["site"], "no life leaves a directory behind"
    clear(store, place)
    assert list(directory_of(store).iterdir()) == []


@pytest.mark.parametrize("pointer", ["{}", "not JSON", "[]", '{"socket": 7}', '{"socket": "/nonexistent/eventops-1/control.sock"}'])
def test_a_pointer_that_makes_no_sense_is_replaced(store, pointer):
    (directory_of(store) / "socket.json").write_text(pointer)

    place = make_place(store, [], {})
    announce(store, place)

    assert json.loads((directory_of(store) / "socket.json").read_text()) == {"socket": str(place), "pid": os.getpid()}


def test_a_pointer_does_not_make_it_remove_somebody_elses_file(store, short):
    theirs = short / "theirs" / "control.sock"
    theirs.parent.mkdir(mode=0o700)
    theirs.write_text("")
    (directory_of(store) / "socket.json").write_text(json.dumps({"socket": str(theirs)}))

    make_place(store, [], {})

    assert theirs.exists()


def test_links_are_replaced_and_not_followed(store, short):
    target = short / "target"
    target.write_text("untouched")
    for name in ("socket.json", "control.sock", f"socket.{os.getpid()}"):
        (directory_of(store) / name).symlink_to(target)

    place = make_place(store, [], {})
    listen(place).close()
    announce(store, place)

    assert target.read_text() == "untouched"
    assert not (directory_of(store) / "socket.json").is_symlink()
    assert (directory_of(store) / "socket.json").stat().st_mode & 0o777 == 0o600
