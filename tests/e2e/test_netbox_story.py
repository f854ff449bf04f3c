# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A machine is written down in NetBox, piece by piece, and is configured once, as soon as it can be; NetBox says so. Whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox import NetBox, running_netbox
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.netbox_site import VM, Site

pytestmark = ssh.needed

READY = "netbox.virtualmachine.ready"


@pytest.fixture
def netbox() -> Iterator[NetBox]:
    with running_netbox() as netbox:
        yield netbox


def story(site: Site, between_steps) -> int:
    """Write a machine down, step by step; return its id when it is configured and NetBox says so."""
    netbox = site.netbox
    netbox.create("extras.configcontext", name="web", weight=100, clusters=[site.cluster], data={"ansible_roles": ["baseline"]})
    between_steps("the config context")
    vm = site.create_vm("web01")
    between_steps("the machine")
    interface = site.create_interface(vm)
    between_steps("the interface")
    address = site.create_address(interface)
    between_steps("the address")
    netbox.update(VM, vm, comments="It has no primary address yet.")
    between_steps("a comment")
    site.make_primary(vm, address)
    site.wait_for(lambda: site.trace("begun"), "the role has begun")
    between_steps("the primary address")
    # The end of the case is there, and cannot be written to NetBox yet.
    netbox.fail(503, methods=["POST"], path="journal-entries")
    site.go()
    site.case(READY, "resolved")
    between_steps("the run")
    netbox.heal()
    site.wait_for(lambda: site.journal(vm), "the journal entry")
    between_steps("the journal entry")
    return vm


def is_configured_once(site: Site, vm: int) -> None:
    """See that a machine was configured by one run, alone, and that NetBox says so once."""
    assert site.trace("begun") == site.trace("done") == ["web01"]
    assert site.sshd.logins > 0
    (case,) = site.ledger.cases(type=READY)
    assert (case["state"], case["hosts"], case["attempt"]) == ("resolved", ["web01"], 1)
    assert {row["host"] for row in site.ledger.executions()} == {"web01"}
    (entry,) = site.journal(vm)
    assert entry["kind"]["value"] == "success"
    assert entry["comments"].startswith(f"**Done**: `{READY}` after 1 attempt, ")
    # Our own entry, and what was written before the machine was ready, began nothing.
    assert site.ledger.cases(type="netbox.virtualmachine.updated") == []


@pytest.mark.parametrize("has_webhook", [True, False], ids=["webhooks", "no webhooks"])
def test_a_machine_that_is_documented_is_configured_once(rulebook, directory, env, netbox, has_webhook):
    site = Site(rulebook, directory, env, netbox, has_webhook=has_webhook)
    site.start()
    vm = story(site, lambda _step: None)
    is_configured_once(site, vm)
    assert rulebook.stop() == 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("has_webhook", [True, False], ids=["webhooks", "no webhooks"])
def test_also_when_ansible_rulebook_is_killed_at_each_step(rulebook, directory, env, netbox, has_webhook):
    site = Site(rulebook, directory, env, netbox, has_webhook=has_webhook)
    site.start()
    vm = story(site, lambda _step: site.kill())
    is_configured_once(site, vm)
    assert rulebook.stop() == 0


def test_a_filter_that_netbox_does_not_know_ends_the_start_with_its_name(rulebook, directory, env, netbox):
    site = Site(rulebook, directory, env, netbox, has_webhook=False)
    site.set(eventops_netbox_filters={"tagg": "managed"})
    rulebook.start()
    assert rulebook.wait_for_exit() != 0
    assert "tagg" in rulebook.output and "filters" in rulebook.output
