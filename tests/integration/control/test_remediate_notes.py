# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role remediate found and tried is in the cases that its run is for, against a real control socket over a real store."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import RUNNING
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.store.promises.examples import add_case


def notes_of(store, case_id: int) -> list[str]:
    return [row.why for row in store.run_now(lambda tx: tx.history(case_id)) if row.from_state == row.to_state]


@pytest.fixture
def cases(store) -> list[int]:
    return [store.run_now(lambda tx, number=number: add_case(tx, number, state=RUNNING)).id for number in (1, 2)]


def remediate(site, cases: list[int]):
    """Heal two hosts in one run for two cases: the one has a start that helps, the other has one that fails."""
    hosts = {}
    for host, start in (("web-01", ["touch", str(site.directory / "web-01-is-up")]), ("web-02", ["sh", "-c", "echo no such disk >&2; exit 3"])):
        service = {"name": "web", "check": {"command": ["test", "-e", str(site.directory / f"{host}-is-up")]}, "start": {"command": start}}
        hosts[host] = {"eventops_services": [service]}
    site.inventory(hosts)
    event = {"case": {"id": cases[0]}, "events": [{"case": case, "hosts": [host]} for case, host in zip(cases, hosts)]}
    variables = {"remediate_problem": "ServiceDown", "remediate_service": "web", "ansible_eda": {"event": event}}
    return site.play("eventops.infra.remediate", limit=",".join(hosts), variables=json.loads(json.dumps(variables)))


def test_each_case_has_what_was_found_and_tried_on_its_host(site, store, router, cases):
    run = remediate(site, cases)

    assert run.of("failed") == {"web-01": 0, "web-02": 1}
    healed, broken = (notes_of(store, case) for case in cases)
    assert [note.startswith("remediate web-01: ") for note in healed] == [True, True]
    assert healed[0].startswith("remediate web-01: web on web-01 is down: exit code 1")
    assert healed[1].startswith("remediate web-01: start, ") and healed[1].endswith(" s: helped")
    assert broken[0].startswith("remediate web-02: web on web-02 is down")
    assert "failed: running sh failed: exit code 3: no such disk" in broken[1]


def test_healing_goes_on_where_the_router_has_gone(site, store, cases):
    run = remediate(site, cases)

    # The guard cannot tell a router that has gone from one that never ran.
    assert run.of("failed") == {"web-01": 0, "web-02": 1}
    assert (site.directory / "web-01-is-up").exists()
