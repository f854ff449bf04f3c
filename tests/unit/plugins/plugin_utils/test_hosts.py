# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host resolution, against what Ansible itself says of real inventories."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import ansible_collections
import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils import hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory, InventoryError, Snapshot, is_host_name, snapshot_of
from hypothesis import given
from hypothesis import strategies as st

INI = """
localhost ansible_connection=local

[web]
web-01 ansible_host=192.0.2.1
web-02 ansible_host=192.0.2.2
db.example.com ansible_host=2001:db8::1

[twins]
twin-a ansible_host=192.0.2.9
twin-b ansible_host=192.0.2.9

[db.example]
odd_one
"""


@pytest.fixture(name="directory")
def _directory(tmp_path):
    directory = tmp_path / "an inventory"
    directory.mkdir()
    (directory / "hosts.ini").write_text(INI)
    return directory


@pytest.fixture(name="snapshot", scope="module")
def _snapshot(tmp_path_factory):
    path = tmp_path_factory.mktemp("inventory") / "hosts.ini"
    path.write_text(INI)
    return loaded(path)


def loaded(path: Path) -> Snapshot:
    return asyncio.run(Inventory(path).load())


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("web-01", "web-01"),
        ("192.0.2.2", "web-02"),
        ("2001:db8::1", "db.example.com"),
        ("[2001:0db8:0::1]", "db.example.com"),
        ("localhost", "localhost"),
        ("192.0.2.9", None),  # two hosts have it
        ("WEB-01", None),
        ("web-01.example.com", None),
        ("web-0", None),
        ("web", None),
        ("all", None),
        ("ungrouped", None),
        ("web*", None),
        ("~web.*", None),
        ("!web-01", None),
        ("web-01,web-02", None),
        ("web-01:web-02", None),
        ("web[1:2]", None),
        ("&web", None),
        ("web-01 ", None),
        ("web-01\n", None),
        ("", None),
        ("@/etc/passwd", None),
        ("-i", None),
        ("{{ 7 * 7 }}", None),
    ],
)
def test_only_exact_names_and_addresses_are_hosts(snapshot, name, host):
    assert snapshot.resolve(name) == host


def test_a_host_named_like_a_group_is_not_resolved():
    """`--limit` would take it for the group."""
    listing = {"_meta": {"hostvars": {"web": {}, "a": {"ansible_host": "192.0.2.5"}}}, "all": {"children": ["web"]}, "web": {"hosts": ["web", "a"]}}
    snapshot = snapshot_of(listing)
    assert (snapshot.resolve("web"), snapshot.resolve("192.0.2.5")) == (None, "a")


def test_each_host_is_named_once_in_the_order_of_the_event(directory):
    assert loaded(directory).resolve_all(("web-02", "nowhere", "192.0.2.2", "web-01")) == ("web-02", "web-01")


@given(st.text(max_size=300))
def test_what_counts_as_a_name_is_no_pattern(name):
    if is_host_name(name):
        assert not set(name) & set("*?[]!&~,:;@{}%#$ \t\n/\\'\"") and not name.startswith("-")


def test_host_vars_and_group_vars_count(directory):
    (directory / "host_vars").mkdir()
    (directory / "host_vars" / "odd_one.yml").write_text("ansible_host: 192.0.2.77\n")
    assert loaded(directory).resolve("192.0.2.77") == "odd_one"


def test_it_is_loaded_again_when_a_file_changes(directory):
    async def scenario():
        inventory = Inventory(directory)
        await inventory.load()
        before = inventory.snapshot
        assert await inventory.fresh() is before, "nothing changed, so nothing is loaded"
        (directory / "hosts.ini").write_text(INI + "new-01\n")
        after = await inventory.fresh()
        return before.resolve("new-01"), after.resolve("new-01")

    assert asyncio.run(scenario()) == (None, "new-01")


def test_a_change_that_breaks_it_keeps_the_last_good_one(directory):
    async def scenario():
        inventory = Inventory(directory)
        await inventory.load()
        (directory / "hosts.ini").write_text("[web\nbroken")
        broken = await inventory.fresh()
        (directory / "hosts.ini").write_text(INI + "fixed-01\n")
        return broken.resolve("web-01"), (await inventory.fresh()).resolve("fixed-01")

    assert asyncio.run(scenario()) == ("web-01", "fixed-01")


def test_an_inventory_that_cannot_be_reached_keeps_the_last_good_one(directory):
    async def story():
        inventory = Inventory(directory / "hosts.ini")
        known = await inventory.load()
        directory.rename(directory.with_name("elsewhere"))
        directory.write_text("a file where the directory was")
        assert await inventory.fresh() == known

    asyncio.run(story())


def test_a_broken_inventory_is_an_error_that_says_what_ansible_said(tmp_path):
    path = tmp_path / "script.sh"
    path.write_text("#!/bin/sh\necho no such cloud >&2\nexit 3\n")
    path.chmod(0o755)
    with pytest.raises(InventoryError, match="no such cloud"):
        loaded(path)


def test_a_dynamic_inventory_is_asked_again_for_an_unknown_name_once_it_is_stale(tmp_path, monkeypatch):
    path, state = tmp_path / "script.py", tmp_path / "state"
    path.write_text(f'#!/bin/sh\ncat "{state}"\n')
    path.chmod(0o755)
    state.write_text('{"g": {"hosts": ["a"]}, "_meta": {"hostvars": {}}}')

    async def scenario():
        inventory = Inventory(path)
        await inventory.load()
        state.write_text('{"g": {"hosts": ["a", "b"]}, "_meta": {"hostvars": {}}}')
        young = await inventory.fresh(unknown_name=True)
        monkeypatch.setattr(hosts, "_STALE_SECONDS", 0.0)
        return young.resolve("b"), (await inventory.fresh(unknown_name=True)).resolve("b")

    assert asyncio.run(scenario()) == (None, "b")


def test_a_reload_that_hangs_holds_nobody_up_and_is_ended_with_its_programs(tmp_path, monkeypatch):
    path, state = tmp_path / "script.sh", tmp_path / "state"
    path.write_text(f'#!/bin/sh\n[ -e "{state}" ] && {{ echo $$ > "{state}"; exec sleep 300; }}\necho \'{{"g": {{"hosts": ["a"]}}}}\'\n')
    path.chmod(0o755)
    monkeypatch.setattr(hosts, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(hosts, "_LONGEST_SECONDS", 4.0)

    async def scenario():
        inventory = Inventory(path)
        await inventory.load()
        state.touch()
        path.touch()
        known = (await inventory.fresh()).resolve("a")
        while not state.read_text():
            await asyncio.sleep(0.05)
        await inventory._loading
        return known, inventory.snapshot.resolve("a"), int(state.read_text())

    before, after, process = asyncio.run(scenario())
    assert (before, after) == ("a", "a")
    assert not Path(f"/proc/{process}/cmdline").exists() or Path(f"/proc/{process}/cmdline").read_text() == "", "it runs still"


def test_a_slow_reload_is_waited_for_once_however_many_ask(tmp_path, monkeypatch):
    path, slow, go_on = tmp_path / "script.sh", tmp_path / "slow", tmp_path / "go on"
    wait = f'while [ ! -e "{go_on}" ]; do sleep 0.05; done'
    path.write_text(f'#!/bin/sh\n[ -e "{slow}" ] && {{ {wait}; }}\necho \'{{"g": {{"hosts": ["a"]}}}}\'\n')
    path.chmod(0o755)
    monkeypatch.setattr(hosts, "_PATIENCE_SECONDS", 1.0)

    async def scenario():
        inventory = Inventory(path)
        await inventory.load()
        slow.touch()
        path.touch()
        began = time.monotonic()
        for _event in range(20):
            assert (await inventory.fresh()).resolve("a") == "a"
        took = time.monotonic() - began
        go_on.touch()
        await inventory._loading
        return took

    assert asyncio.run(scenario()) < 10, "twenty would have waited twenty seconds"


def test_whatever_a_reload_comes_to_the_last_good_one_stays(tmp_path, monkeypatch, caplog):
    path, programs = tmp_path / "hosts.ini", tmp_path / "programs"
    path.write_text(INI)
    programs.mkdir()
    (programs / "ansible-inventory").write_text("#!/bin/sh\necho this is no listing\n")
    (programs / "ansible-inventory").chmod(0o755)

    async def scenario():
        inventory = Inventory(path)
        await inventory.load()
        monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
        path.touch()
        return await inventory.fresh()

    assert asyncio.run(scenario()).resolve("web-01") == "web-01"
    assert "stay known until it loads again" in caplog.text


def test_hosts_of_open_cases_do_not_vouch_for_themselves(directory, tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(Path(next(iter(ansible_collections.__path__))).parent))
    (tmp_path / "store.db.d").mkdir()
    (tmp_path / "store.db.d" / "inventory.json").write_text('{"hosts": {"gone-01": {}}}')
    (directory / "cases.eventops.yml").write_text(f"plugin: eventops.infra.cases\nstore: {tmp_path}/store.db\n")
    snapshot = loaded(directory)
    assert (snapshot.resolve("gone-01"), snapshot.resolve("web-01")) == (None, "web-01")


def test_text_that_ansible_marks_as_unsafe_is_text():
    """Ansible writes so what an inventory plugin read from a cloud's API."""
    listing = hosts.json.loads('{"_meta": {"hostvars": {"vm": {"ansible_host": {"__ansible_unsafe": "192.0.2.3"}}}}}', object_hook=hosts._as_plain)
    assert snapshot_of(listing).resolve("192.0.2.3") == "vm"


def test_without_an_inventory_no_host_is_known():
    async def scenario():
        inventory = Inventory(None)
        await inventory.load()
        return (await inventory.fresh(unknown_name=True)).resolve("localhost")

    assert asyncio.run(scenario()) is None


def test_who_asks_while_it_is_loaded_for_the_first_time_gets_it(directory):
    async def scenario():
        inventory = Inventory(directory)
        loading = asyncio.create_task(inventory.load())
        await asyncio.sleep(0)
        assert (await inventory.fresh()).resolve("web-01") == "web-01"
        await loading

    asyncio.run(scenario())
