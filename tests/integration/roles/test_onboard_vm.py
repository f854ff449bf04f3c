# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook onboard_vm on machines that are reached through a real sshd: what it runs there."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.integration.roles.lying import lying
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import event, machine

pytestmark = ssh.needed

UPDATED = "netbox.virtualmachine.updated"


def test_what_netbox_documents_is_run_and_the_second_run_changes_nothing(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_baseline_roles=["common"])})
    ready = event(machine(roles=("nginx", "postgresql", "nginx"), context={"ansible_vars": {"nginx_port": 8080}}))

    first = onboarding.run(event=ready)
    second = onboarding.run(event=ready)

    assert first.rc == second.rc == 0, first.output + second.output
    assert onboarding.done == {"common-vm-01": ["no port"], "nginx-vm-01": ["8080"], "postgresql-vm-01": ["no port"]}
    assert "vm-01 is onboarded: common, nginx, postgresql." in first.text
    assert (first.of("changed"), second.of("changed")) == ({"vm-01": 3}, {"vm-01": 0})
    assert vm.logins >= 2


def test_check_mode_says_what_would_be_done(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_baseline_roles=["common"], onboard_vm_verify=[["/bin/false"]])})

    run = onboarding.run("--check", event=event(machine()))

    assert run.rc == 0, run.output
    assert "vm-01 would be onboarded: common, nginx." in run.text
    assert onboarding.done == {}
    assert run.of("changed") == {"vm-01": 2}


def test_each_machine_of_a_run_gets_what_its_own_object_says(onboarding, vm, directory, env):
    other, third = (Sshd(directory / name, env, f"127.0.0.{number}").start() for number, name in enumerate(("vm-02", "vm-03"), start=2))
    vm.start()
    onboarding.hosts({name: onboarding.machine(each) for name, each in {"vm-01": vm, "vm-02": other, "vm-03": third}.items()})
    machines = [
        machine("vm-01", context={"ansible_vars": {"nginx_port": 1}}),
        machine("vm-02", ("nginx", "miner"), 8),
        machine("vm-03", ("postgresql",), 9, context={"ansible_vars": {"postgresql_port": 3}}),
    ]

    run = onboarding.run(event=event(*machines), limit="vm-01,vm-02,vm-03")

    assert onboarding.done == {"nginx-vm-01": ["1"], "postgresql-vm-03": ["3"]}
    assert run.of("failed") == {"vm-01": 0, "vm-02": 1, "vm-03": 0}
    assert other.logins == 0


@pytest.mark.parametrize(
    "changed,done",
    [
        (["comments", "description"], set()),
        (["config_context"], {"common-vm-01", "nginx-vm-01"}),
        (["custom_fields"], {"common-vm-01", "nginx-vm-01"}),
        (["comments", "primary_ip4"], {"common-vm-01", "nginx-vm-01"}),
    ],
)
def test_an_update_asks_for_what_its_fields_do(onboarding, vm, changed, done):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_baseline_roles=["common"])})

    run = onboarding.run(event=event(machine(), type_=UPDATED, changed=changed))

    assert run.rc == 0, run.output
    assert set(onboarding.done) == done
    assert ("asks for no work" in run.text, vm.logins == 0) == (not done, not done)


def test_a_machine_that_does_not_pass_the_users_commands_is_not_onboarded(onboarding, vm):
    vm.start()
    commands = [["/bin/true", "{{ inventory_hostname }}"], ["/bin/sh", "-c", "echo it does not work >&2; exit 3"]]
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_verify=commands)})

    run = onboarding.run(event=event(machine()))

    assert run.rc != 0
    assert "it does not work" in run.text
    assert "is onboarded" not in run.text


@pytest.mark.parametrize(
    "variables",
    [
        {"onboard_vm_roles": ["nginx"]},
        {"config_context": {"ansible_roles": ["nginx"]}},
        {"config_context": [{"ansible_roles": ["nginx"]}]},
        {"ansible_roles": ["nginx"]},
    ],
    ids=["a file", "an object", "nb_inventory", "nb_inventory that flattens"],
)
def test_by_hand_the_variables_of_the_host_say_what_is_run(onboarding, vm, variables):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, **variables)})

    run = onboarding.run()

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["no port"]}


def test_an_event_of_another_sender_leaves_the_say_to_the_variables(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, config_context={"ansible_roles": ["nginx"], "ansible_vars": {"nginx_port": 1}})})

    run = onboarding.run(event=event(machine(roles=("postgresql",)), type_="request.infra.provision"))

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["1"]}


def test_no_machine_says_by_its_facts_which_roles_it_gets(onboarding, vm, tmp_path):
    vm.start()
    onboarding.settings["onboard_vm_gather_facts"] = True
    facts = {"onboard_vm_baseline_roles": ["postgresql"], "onboard_vm_allowed_roles": ["postgresql"]}
    onboarding.hosts({"vm-01": onboarding.machine(vm, **lying(tmp_path, facts), onboard_vm_baseline_roles=["common"], onboard_vm_roles=["nginx"])})

    run = onboarding.run()

    assert run.rc == 0, run.output
    assert set(onboarding.done) == {"common-vm-01", "nginx-vm-01"}
