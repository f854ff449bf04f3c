# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router's arguments: what is filled in, and what is said of mistakes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import read_children, read_config

HOOK = {"name": "hook", "eda.builtin.webhook": {"port": 5000}}


def config(args, *, inventory=None, environment=None):
    mistakes = Mistakes()
    children = read_children(args, "router", mistakes)
    return read_config(args, children, where="router", inventory=inventory, environment=environment or {}, mistakes=mistakes)


def said(args, **others) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        config(args, **others)
    return str(error.value).splitlines()


def test_nothing_but_the_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    made = config({})
    assert (made.policy.base.mode, made.children, made.inventory, made.neutralize) == ("observe", (), None, "replace")
    assert made.store == tmp_path / ".local/state/eventops/store.db" and made.store.parent.is_dir()
    base = made.policy.base
    assert (base.attempts.max, base.attempts.backoff, base.confirm_within, base.cooldown, base.max_in_flight) == (3, 30, 900, 300, 4)
    assert (base.coalesce.window, base.coalesce.max_hosts, str(base.max_unhealthy), base.approve_expires) == (0.2, 50, "30%", 3600)
    assert (base.maintenance, base.announce, made.policy.overrides, made.retention) == ((), frozenset(), (), 90 * 86_400)
    assert base.priority == {"critical": 100, "error": 50, "warning": 20, "info": 0}


def test_a_default_store_that_cannot_be_made_is_a_mistake_like_any_other(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    (message,) = said({})
    assert message.startswith("router.store: the default ~/.local/state/eventops/store.db cannot be used")


def test_what_is_null_counts_as_absent(tmp_path):
    """A rulebook's variable has no other way of saying so."""
    args = {"store": None, "inventory": None, "policy": {"attempts": {"max": None}, "confirm": None}}
    made = config(args, environment={"EVENTOPS_STORE": str(tmp_path / "store.db")}, inventory=str(tmp_path))
    assert (made.store, made.inventory, made.policy.base.attempts.max) == (tmp_path / "store.db", tmp_path, 3)


def test_a_package_that_the_console_lacks_is_one_mistake(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    (message,) = said({"store": str(tmp_path / "s"), "listen": {"address": "127.0.0.1:5050"}})
    assert message == "router.listen: needs the Python package prometheus_client, beside ansible-rulebook: pip install 'prometheus_client>=0.20'"


def test_children_with_their_adapter_and_filters(tmp_path):
    child = {**HOOK, "adapter": {"generic": {"type": "payload.type"}}, "filters": [{"eda.builtin.json_filter": {"include_keys": ["a"]}}, {"x.y.z": None}]}
    (made,) = config({"store": str(tmp_path / "s"), "sources": [child]}).children
    assert (made.name, made.plugin, made.args, made.adapter) == ("hook", "eda.builtin.webhook", {"port": 5000}, "generic")
    assert made.adapter_settings == {"type": "payload.type"}
    assert made.filters == (("eda.builtin.json_filter", {"include_keys": ["a"]}), ("x.y.z", {}))


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"modee": "enforce"}, "router.modee: unknown key, did you mean mode?"),
        ({"mode": "enfroce"}, "router.mode: must be one of"),
        ({"policy": {"attempts": {"max": 0}}}, "router.policy.attempts.max: must be at least 1, got 0"),
        ({"policy": {"attempts": {"backoff": "soon"}}}, "router.policy.attempts.backoff: must be a number of seconds from 0 to 31536000, or a text such as"),
        ({"policy": {"max_unhealthy": "120%"}}, "router.policy.max_unhealthy: must be a share of the inventory such as 30%"),
        ({"policy": {"max_in_flight": 0}}, "router.policy.max_in_flight: must be at least 1, got 0"),
        ({"policy": {"cooldwn": 1}}, "router.policy.cooldwn: unknown key, did you mean cooldown?"),
        ({"policy": {"overrides": [{"mode": "approve"}]}}, "router.policy.overrides[0]"),
        ({"policy": {"overrides": [{"match": {"tpye": "x"}}]}}, "router.policy.overrides[0].match.tpye: unknown key, did you mean type?"),
        ({"policy": {"maintenance": [{"start": "at night", "duration": "4h"}]}}, "router.policy.maintenance[0].start: must be a cron expression"),
        ({"policy": {"maintenance": [{"start": "0 2 * * *", "duration": "30s"}]}}, "router.policy.maintenance[0].duration: must be at least 60 s"),
        ({"policy": {"maintenance": [{"start": "0 2 * * *", "duration": 60, "timezone": "Moon"}]}}, "router.policy.maintenance[0].timezone: must be"),
        ({"retention": "1m"}, "router.retention: must be at least 1h, got 1m"),
        ({"store": "/no/such/directory/store.db"}, "router.store: the directory /no/such/directory does not exist; create it"),
        ({"store": "postgresql://user:secret@db/x"}, "router.store: must be the path of a file, got postgresql://..."),
        ({"inventory": "/no/such/inventory"}, "router.inventory: the inventory /no/such/inventory does not exist"),
        ({"sources": [HOOK, HOOK]}, "router.sources[1].name: the name 'hook' is taken by router.sources[0]"),
        ({"sources": [{"name": "a"}]}, "router.sources[0]: must name exactly one source plugin"),
        ({"sources": [{"a.b.c": {}, "d.e.f": {}}]}, "router.sources[0]: must name exactly one source plugin"),
        ({"sources": [{"a.b.c": [1]}]}, "router.sources[0].a.b.c: must be a mapping"),
        ({"sources": [{"a.b.c": {}, "adapter": "grafanna"}]}, "router.sources[0].adapter"),
        ({"sources": [{"a.b.c": {}, "adapter": {"generic": {"tipe": "x"}}}]}, "router.sources[0].adapter.generic"),
        ({"sources": [{"a.b.c": {}, "filters": ["x"]}]}, "router.sources[0].filters[0]"),
        ({"sources": "eda.builtin.webhook"}, "router.sources"),
        ({"sources": [{"name": "eventops:router", "a.b.c": {}}]}, "router.sources[0].name"),
    ],
)
def test_a_mistake_is_named_with_its_path_and_what_to_do(args, expected, tmp_path):
    messages = said({"store": str(tmp_path / "s"), **args})
    assert any(message.startswith(expected) for message in messages), messages
    assert not any("secret" in message for message in messages)


def test_all_mistakes_are_told_at_once():
    args = {"store": "/no/such/store.db", "mode": 1, "inventory": "/no/such", "sources": [HOOK, HOOK], "polcy": {}}
    paths = {message.partition(":")[0] for message in said(args)}
    assert paths == {"router.store", "router.mode", "router.inventory", "router.sources[1].name", "router.polcy"}


def test_a_directory_is_no_store(tmp_path):
    assert said({"store": str(tmp_path)}) == [f"router.store: {tmp_path} is a directory; name a file in it, such as {Path(tmp_path, 'store.db')}"]


@pytest.mark.parametrize(("log", "expected"), [(None, None), ("stdout", "stdout"), ("{}/log.json", "{}/log.json")])
def test_where_the_log_goes(tmp_path, log, expected):
    made = config({"store": str(tmp_path / "s"), "log": log and log.format(tmp_path)})
    assert made.log == (expected and expected.format(tmp_path))


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("{}/no/log.json", "router.log: the directory {}/no does not exist; create it"),
        ("{}", "router.log: {} is no regular file"),
        ("{}/s", "router.log: {}/s is the store; name another file"),
        ("{}/link", "router.log: {}/link is the store; name another file"),
        ("{}/s-wal", "router.log: {}/s-wal is the store; name another file"),
        ("", "router.log"),
    ],
)
def test_a_log_that_cannot_be_written_is_a_mistake(tmp_path, log, expected):
    (tmp_path / "link").symlink_to(tmp_path / "s")
    (message,) = said({"store": str(tmp_path / "s"), "log": log.format(tmp_path)})
    assert message.startswith(expected.format(tmp_path))
    assert not (tmp_path / "s").exists()
