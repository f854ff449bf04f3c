# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may ask on the control socket, and whom the client believes to be the router."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import client
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import NoRouter, Router, RouterError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import directory_of

from .on_a_socket import place, router, served, store

FIXTURES = (place, router, served, store)


def test_the_socket_is_the_users_alone(place, store):
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert (directory_of(store.path) / "socket.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_refused_even_where_the_files_let_him_in(place):
    """By the kernel's word, whatever the modes are: here, after somebody's chmod -R."""
    for each in (place, place.parent):
        each.chmod(0o777)
    done = subprocess.run([sys.executable, "-c", _AS_NOBODY, str(place)], capture_output=True, text=True, check=False)

    assert "403" in done.stdout, done.stderr
    assert "only the user that runs the router" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_who_answers_in_the_routers_place_is_not_believed(store, tmp_path):
    """The directory of a killed router's socket is gone from /tmp, and somebody else has made it anew."""
    place = Path(f"/tmp/eventops-{os.getpid()}/control.sock")
    impostor = subprocess.Popen([sys.executable, "-c", _IMPOSTOR, str(place)], stdout=subprocess.PIPE, text=True)
    try:
        assert impostor.stdout.readline() == "listens\n"
        (directory_of(store.path) / "socket.json").write_text(json.dumps({"socket": str(place)}))

        with pytest.raises(RouterError, match="another user .* answers"):
            Router(str(store.path)).post("/events", {"event": {"type": "x"}})
    finally:
        impostor.kill()
        impostor.wait()
        place.unlink()
        place.parent.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_another_user_put_beside_a_store_is_not_believed(store):
    """Where anybody may write, as in /tmp: who asks there must not hand events, which may hold secrets, to whoever came first."""
    pointer = directory_of(store.path) / "socket.json"
    directory_of(store.path).chmod(0o755)
    pointer.write_text(json.dumps({"socket": "/tmp/no-such-socket"}))
    pointer.chmod(0o644)
    os.chown(pointer, 54321, 54321)

    assert (
        "belongs to uid 54321"
        in subprocess.run([sys.executable, "-c", _ASK_AS_NOBODY, client.__file__, str(store.path)], capture_output=True, text=True, check=False).stdout
    )
    with pytest.raises(NoRouter):  # root may
        Router(str(store.path)).get("/status")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_stranger_who_answers_in_the_place_that_root_wrote_down_is_not_believed(store):
    """Root has written the file; the router has ended, and a stranger sits in its place."""
    place = Path(f"/tmp/eventops-{os.getpid()}-s/control.sock")
    impostor = subprocess.Popen([sys.executable, "-c", _IMPOSTOR.replace("65534", "54321"), str(place)], stdout=subprocess.PIPE, text=True)
    try:
        assert impostor.stdout.readline() == "listens\n"
        pointer = directory_of(store.path) / "socket.json"
        directory_of(store.path).chmod(0o755)
        pointer.write_text(json.dumps({"socket": str(place)}))
        pointer.chmod(0o644)

        done = subprocess.run([sys.executable, "-c", _ASK_AS_NOBODY, client.__file__, str(store.path)], capture_output=True, text=True, check=False)
        assert "another user (uid 54321) answers" in done.stdout, done.stderr
    finally:
        impostor.kill()
        impostor.wait()
        place.unlink()
        place.parent.rmdir()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/etc/hostname", path), lambda path: Path(path).write_text("[" * 60_000)])
def test_a_pointer_that_is_none_holds_nobody_up(store, make):
    make(directory_of(store.path) / "socket.json")

    with pytest.raises(RouterError, match="is not what a router writes"):
        Router(str(store.path)).get("/status")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_wrong_user_is_told_whose_store_it_is(served, store, place):
    done = subprocess.run([sys.executable, "-c", _ASK_AS_NOBODY, client.__file__, str(store.path)], capture_output=True, text=True, check=False)

    assert "belongs to root: run this as that user" in done.stdout, done.stderr


_AS_NOBODY = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.sendall(b"POST /pause HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
print(connection.recv(65536).decode())
"""
_IMPOSTOR = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.mkdir(os.path.dirname(sys.argv[1]), 0o755)
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
listening.listen()
print("listens", flush=True)
while True:
    connection, _address = listening.accept()
    connection.recv(65536)
    connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}')
"""
_ASK_AS_NOBODY = """
import os, runpy, sys
client = runpy.run_path(sys.argv[1])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    client["Router"](sys.argv[2]).get("/status")
except client["RouterError"] as error:
    print(error)
"""
