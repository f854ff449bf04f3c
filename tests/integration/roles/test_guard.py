# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role guard in a playbook of a user's own: what it lets through, what it refuses, and that a refusal touches no host."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Pause
from ansible_collections.eventops.infra.tests.integration.roles.lying import lying
from ansible_collections.eventops.infra.tests.integration.roles.site import Site
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.router.control.serving import Served, controls_over, make_bell
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case

HOSTS = {name: {} for name in ("localhost", "web-01", "web-02", "web-03", "db-01")}
GROUPS = {"web": ["web-01", "web-02", "web-03"]}

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Something harmless
      ansible.builtin.debug:
    - name: Guard the run
      ansible.builtin.import_role:
        name: eventops.infra.guard
    - name: Touch the host
      ansible.builtin.copy:
        content: ""
        dest: "{{ inventory_dir }}/../touched-{{ inventory_hostname }}"
        mode: "0600"
      tags: [work]
"""


@pytest.fixture
def guarded(site: Site) -> Path:
    """Return a playbook that touches hosts, behind the guard."""
    site.inventory(HOSTS, GROUPS)
    return site.write("guarded.yml", PLAYBOOK)


def touched(site: Site) -> set[str]:
    return {path.name.removeprefix("touched-") for path in site.directory.glob("touched-*")}


@pytest.mark.parametrize("limit", ["web-01", "web-01,db-01", "web-02, web-01"])
def test_exact_names_are_let_through(site, guarded, limit):
    run = site.play(guarded, limit=limit)

    assert run.rc == 0, run.output
    assert touched(site) == {name.strip() for name in limit.split(",")}


@pytest.mark.parametrize(
    "limit",
    ["all", "web", "web*", "~web-0[12]", "web-01,!web-02", "web:&all", "web[0:1]", "web-01:web-02", "web-01,web-99", "web-01,", "web-0?"],
)
def test_anything_but_exact_names_is_refused(site, guarded, limit):
    run = site.play(guarded, limit=limit)

    assert run.rc != 0
    assert touched(site) == set()
    assert "not the exact name of a host" in run.text
    assert "Write the names of the hosts" in run.text


def test_a_run_without_a_limit_is_refused_on_every_host(site, guarded):
    run = site.play(guarded)

    assert touched(site) == set()
    assert "--limit web-01,web-02" in run.text
    # Ansible counts the failure of a run_once task for one host only; a host without it would look as if its work was done.
    assert run.of("failed") == dict.fromkeys(HOSTS, 1)


def test_a_variable_does_not_pass_for_a_limit(site, guarded):
    site.inventory({name: {"ansible_limit": "web-01"} for name in HOSTS}, GROUPS)

    run = site.play(guarded, variables={"ansible_limit": "web-01"})

    assert run.rc != 0
    assert touched(site) == set()


def test_a_template_in_the_limit_is_evaluated_by_ansible_and_not_by_the_guard(site, guarded):
    bait = "web-01,{{ lookup('pipe', 'touch %s') }}"
    reads_it = site.write("reads_it.yml", "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.debug: {msg: '{{ ansible_limit }}'}}]}\n")

    site.play(reads_it, limit=bait % "danger")
    run = site.play(guarded, limit=bait % "PWNED")

    assert (site.directory / "danger").exists()
    assert not (site.directory / "PWNED").exists()
    assert run.rc != 0
    assert touched(site) == set()


def test_more_hosts_than_allowed_are_refused(site, guarded):
    three = "web-01,web-02,web-03"

    assert site.play(guarded, limit=three, variables={"guard_max_hosts": 2}).rc != 0
    assert touched(site) == set()
    assert site.play(guarded, limit=three, variables={"guard_max_hosts": 3}).rc == 0
    assert touched(site) == {"web-01", "web-02", "web-03"}


def test_fifty_one_hosts_are_more_than_allowed_by_default(site, guarded):
    names = [f"node-{number:02}" for number in range(51)]
    site.inventory({name: {} for name in names})

    run = site.play(guarded, limit=",".join(names))

    assert "names 51 hosts, and guard_max_hosts allows 50" in run.text
    assert touched(site) == set()


def test_a_pause_beside_the_store_stops_automation_until_it_ends(site, guarded, directory):
    pause = directory / "store.db.d" / "paused"
    pause.parent.mkdir()
    pause.touch()

    paused = site.play(guarded, limit="web-01")
    past_it = site.play(guarded, limit="web-02", variables={"guard_obey_pause": False})
    no_file = site.play(guarded, limit="web-01", variables={"guard_pause_file": ""})
    pause.unlink()
    resumed = site.play(guarded, limit="web-03")

    assert paused.rc != 0
    assert str(pause) in paused.text
    assert past_it.rc == no_file.rc == resumed.rc == 0
    assert touched(site) == {"web-01", "web-02", "web-03"}


def test_no_host_says_by_its_facts_what_is_let_through(site, guarded, directory, tmp_path):
    """They are there where a play gathers them, and where there is a cache of facts."""
    (directory / "store.db.d").mkdir()
    (directory / "store.db.d" / "paused").touch()
    site.inventory({**HOSTS, "web-01": lying(tmp_path, {"guard_obey_pause": False})}, GROUPS)
    gathering = site.write("gathering.yml", PLAYBOOK.replace("gather_facts: false", "gather_facts: true"))

    run = site.play(gathering, limit="db-01,web-01")

    assert run.of("failed") == {"db-01": 1, "web-01": 1}
    assert "Facts of web-01 have names of what this check goes by: guard_obey_pause" in run.text
    assert touched(site) == set()


def test_without_a_store_there_is_no_pause(site, guarded, directory):
    del site.env["EVENTOPS_STORE"]

    assert site.play(guarded, limit="web-01").rc == 0


@pytest.fixture
def store(directory):
    """Return the store of a router."""
    store = SqliteStore(directory / "store.db")
    yield store
    store.close()


@pytest.fixture
def router(store):
    """Answer on the control socket of a router while the test runs."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        served = Served(loop, controls_over(store, loop.run_until_complete(make_bell())), store.path)
        yield served
        served.end()


def pause(store, match: dict, **differences) -> None:
    store.run_now(lambda tx: tx.add_pause(Pause(match=match, since=time.time(), by="alice", **differences)))


def test_what_a_person_paused_at_the_router_is_refused_on_every_host(site, guarded, store, router):
    pause(store, {"host": "web-0[23]"}, why="rack 7", until=time.time() + 3600)

    other = site.play(guarded, limit="web-01")
    run = site.play(guarded, limit="web-01,web-02")
    past_it = site.play(guarded, limit="web-03", variables={"guard_obey_pause": False})

    assert run.of("failed") == {"web-01": 1, "web-02": 1}
    assert 'Automation is paused ({"host": "web-0[23]"}) by alice since' in run.text and "rack 7" in run.text
    assert other.rc == past_it.rc == 0, other.output + past_it.output
    assert touched(site) == {"web-01", "web-03"}


def test_a_pause_of_everything(site, guarded, store, router):
    pause(store, {})

    refused = site.play(guarded, limit="web-01")
    store.run_now(lambda tx: tx.end_pause(1, by="alice", now=time.time()))
    resumed = site.play(guarded, limit="web-01")

    assert "Automation is paused by alice" in refused.text
    assert (refused.rc != 0, resumed.rc) == (True, 0)


def test_a_pause_of_the_case_that_the_run_is_for(site, guarded, store, router):
    case = store.run_now(lambda tx: add_case(tx, name="DiskFull"))
    other = store.run_now(lambda tx: add_case(tx, 2, name="ServiceDown"))
    pause(store, {"name": "DiskFull"})

    def run_for(event: dict):
        return site.play(guarded, limit="web-01", variables={"ansible_eda": {"event": event}})

    assert run_for({"case": {"id": other.id}}).rc == 0
    assert run_for({"case": {"id": 99}}).rc == 0, "a case that was deleted"
    for event in ({"case": {"id": case.id}}, {"case": {"id": other.id}, "events": [{"case": other.id}, {"case": case.id}]}):
        assert "Automation is paused" in run_for(event).text


@pytest.mark.parametrize("where", ["case", "events", "event"])
def test_an_event_of_another_source_is_not_evaluated(site, guarded, store, router, where):
    bait = f"{{{{ lookup('pipe', 'touch {site.directory}/PWNED') }}}}"
    event = {"case": {"case": {"id": bait}}, "events": {"events": [{"case": bait}, bait]}, "event": bait}[where]

    run = site.play(guarded, limit="web-01", variables={"ansible_eda": {"event": event}})

    assert not (site.directory / "PWNED").exists()
    assert run.rc == 0, run.output


def test_a_router_that_cannot_be_asked_is_refused(site, guarded, store, router):
    store.close()

    run = site.play(guarded, limit="web-01,web-02")

    assert run.of("failed") == {"web-01": 1, "web-02": 1}
    assert "cannot be asked whether automation is paused: the store" in run.text
    assert touched(site) == set()


@pytest.mark.parametrize("most", ["many", 0, -1])
def test_a_wrong_input_is_refused(site, guarded, most):
    run = site.play(guarded, limit="web-01", variables={"guard_max_hosts": most})

    assert run.rc != 0
    assert "guard_max_hosts" in run.text
    assert touched(site) == set()


@pytest.mark.parametrize("options", [["--check"], ["--tags", "work"]])
def test_check_mode_and_tags_do_not_get_past_it(site, guarded, options):
    refused = site.play(guarded, *options, limit="web")
    allowed = site.play(guarded, *options, limit="web-01")

    assert refused.rc != 0
    assert allowed.rc == 0, allowed.output
    assert touched(site) == (set() if "--check" in options else {"web-01"})
