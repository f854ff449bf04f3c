# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook onboard_vm on machines that are reached through a real sshd: what it runs there, and when it runs nothing."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import Onboarding, event, machine

pytestmark = ssh.needed


@pytest.fixture
def onboarding(site, directory) -> Onboarding:
    return Onboarding(site, directory / "traces")


@pytest.fixture
def vm(directory, env) -> Sshd:
    return Sshd(directory / "vm-01", env).start()


def known(onboarding: Onboarding, *machines: Sshd) -> dict:
    """Return the variables of a host whose key is in the site's known_hosts file."""
    path = onboarding.site.write("known_hosts", "".join(each.known_hosts_line for each in machines), 0o600)
    return {"onboard_vm_known_hosts_file": str(path)}


def test_what_netbox_documents_is_run_and_the_second_run_changes_nothing(onboarding, vm):
    onboarding.hosts({"vm-01": {**vm.variables, **known(onboarding, vm), "onboard_vm_baseline_roles": ["common"]}})
    ready = event(machine(roles=("nginx", "postgresql", "nginx"), context={"ansible_vars": {"nginx_port": 8080}}))

    first = onboarding.run(event=ready)
    second = onboarding.run(event=ready)

    assert first.rc == second.rc == 0, first.output + second.output
    assert onboarding.done == {"common-vm-01": ["no port"], "nginx-vm-01": ["8080"], "postgresql-vm-01": ["no port"]}
    assert "vm-01 is onboarded: common, nginx, postgresql." in first.text
    assert (first.of("changed"), second.of("changed")) == ({"vm-01": 3}, {"vm-01": 0})
    assert vm.logins >= 2
