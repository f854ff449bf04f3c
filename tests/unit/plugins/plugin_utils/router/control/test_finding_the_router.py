# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a client finds the router's socket, and what it says where there is none."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import _DEFAULT_STORE
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control import client
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import NoRouter, Router, RouterError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore, directory_of

from .on_a_socket import place, router, served, store
from .serving import Served, controls_over, make_bell

FIXTURES = (place, router, served, store)


def test_where_no_router_runs(served, store, router, tmp_path):
    served.end()
    for gone in (router, Router(str(tmp_path / "other.db")), Router(str(tmp_path / "no" / "store.db"))):
        with pytest.raises(NoRouter, match="start ansible-rulebook .* store"):
            gone.get("/status")


def test_where_a_router_was_killed(store):
    place = directory_of(store.path) / "control.sock"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(os.path.relpath(place))
    (directory_of(store.path) / "socket.json").write_text(json.dumps({"socket": os.path.relpath(place)}))

    with pytest.raises(NoRouter, match="the last one was killed"):
        Router(str(store.path)).get("/status")


def test_a_path_that_is_longer_than_a_sockets_may_be(loop, store, tmp_path):
    path = tmp_path / ("with a space " * 10) / "store.db"
    path.parent.mkdir()
    long = SqliteStore(path)
    served = Served(loop, controls_over(long, loop.run_until_complete(make_bell())), path)

    assert Router(str(path)).get("/status")["mode"] == "approve"
    assert (directory_of(path) / "control.sock").is_socket()
    served.end()
    with pytest.raises(NoRouter):
        Router(str(path)).get("/status")
    long.close()


def test_a_router_that_ended_leaves_nothing(served, store, place):
    served.end()

    assert not place.exists()
    assert {each.name for each in directory_of(store.path).iterdir()} <= {"lock"}


def test_a_router_does_without_where_no_socket_can_be(loop, controls, store, caplog):
    served = Served(loop, controls, store.path, copied=[Path("/")])
    served.end()

    assert "no control socket" in caplog.text


def test_the_store_is_named_by_the_option_the_environment_or_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("EVENTOPS_STORE", raising=False)
    assert Router().store == str(_DEFAULT_STORE.expanduser()), "the default is the router's own"
    monkeypatch.setenv("EVENTOPS_STORE", "/a/store.db")
    assert Router().store == "/a/store.db"
    assert Router("~/b.db").store == str(tmp_path / "b.db")
    with pytest.raises(RouterError, match="got postgresql://"):
        Router("postgresql://user:password@host/db")


def test_the_client_needs_nothing_but_python():
    """Playbooks run in other environments than ansible-rulebook."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({client.__file__!r})"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
