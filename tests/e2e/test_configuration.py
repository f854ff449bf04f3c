# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad configuration ends the start of the real ansible-rulebook: what is wrong, where in the rulebook, and what to do."""

from __future__ import annotations

import pytest

HOOK = {"name": "hook", "eda.builtin.webhook": {"host": "127.0.0.1", "port": 0}}
RULES = [{"name": "Any", "condition": "true", "action": {"debug": {}}}]


def start(rulebook, **router) -> str:
    """Start with the given arguments of the router; return the output of a start that failed."""
    rulebook.write([{"name": "Mine", "hosts": "all", "sources": [{"name": "router", "eventops.infra.router": router}], "rules": RULES}], {})
    rulebook.start()
    assert rulebook.wait_for_exit() not in (0, None)
    return rulebook.output


def test_mistakes_are_told_together_each_with_its_path_in_the_rulebook(rulebook):
    output = start(
        rulebook,
        store="/no/such/directory/store.db",
        inventory="/no/such/inventory",
        mod="enforce",
        policy={"attempts": {"max": "three"}},
        sources=[
            HOOK,
            HOOK,
            {"name": "typo", "eda.builtin.webhok": {}},
            {**HOOK, "name": "filtered", "filters": [{"no.such.filter": {}}]},
        ],
    )
    where = "Mine: sources[0].eventops.infra.router"
    for expected in (
        f"{where}.mod: unknown key, did you mean mode?",
        f"{where}.policy.attempts.max: must be a whole number, got the string 'three'",
        f"{where}.store: the directory /no/such/directory does not exist; create it",
        f"{where}.inventory: the inventory /no/such/inventory does not exist; create it",
        f"{where}.sources[1].name: the name 'hook' is taken",
        f"{where}.sources[2].eda.builtin.webhok: there is no source plugin 'eda.builtin.webhok'; install its collection or correct the name",
        f"{where}.sources[3].filters.no.such.filter: there is no filter plugin",
    ):
        assert expected in output


@pytest.mark.parametrize(("hosts", "expected"), [("web-01:\n", "has no host localhost"), ("[broken", "cannot be loaded")])
def test_an_inventory_that_cannot_be_used_ends_the_start(rulebook, directory, hosts, expected):
    (directory / "other").write_text(hosts)
    output = start(rulebook, store=str(directory / "store.db"), inventory=str(directory / "other"))
    assert expected in output


def test_a_store_that_another_router_uses_ends_the_start(rulebook, directory):
    import fcntl

    lock = directory / "store.db.d" / "lock"
    lock.parent.mkdir()
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "is in use by process" in start(rulebook, store=str(directory / "store.db"))
