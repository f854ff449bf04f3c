# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook onboard_vm lets in only the machine whose host key is the expected one, whatever else is configured."""

from __future__ import annotations

import stat

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.public_keys import fingerprint
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd, make_key, public_key
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import event, machine

pytestmark = ssh.needed

READY = event(machine())
BLIND = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"


def documented(key: str) -> dict:
    return event(machine(custom_fields={"ssh_host_key": key}))


def assert_refused(onboarding, vm, run, *said: str) -> None:
    assert run.rc != 0, run.output
    assert (onboarding.done, vm.logins) == ({}, 0)
    assert "is not the expected one" in run.text
    for each in said:
        assert each in run.text, run.output


def test_by_default_a_machine_that_nobody_has_seen_is_refused(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": vm.variables})

    assert_refused(onboarding, vm, onboarding.run(event=READY), "Expected is what the known_hosts file of the user has.")


def test_a_machine_with_another_key_than_the_known_one_is_refused(onboarding, vm):
    onboarding.hosts({"vm-01": onboarding.machine(vm)})
    vm.new_host_key()
    vm.start()

    assert_refused(onboarding, vm, onboarding.run(event=READY))


@pytest.mark.parametrize(
    "variables,environment",
    [
        ({"ansible_ssh_common_args": BLIND}, {}),
        ({"ansible_ssh_args": BLIND}, {}),
        ({"ansible_ssh_extra_args": BLIND, "ansible_host_key_checking": False}, {}),
        ({}, {"ANSIBLE_HOST_KEY_CHECKING": "False", "ANSIBLE_SSH_ARGS": BLIND}),
    ],
    ids=["common arguments", "arguments", "extra arguments", "the environment"],
)
def test_nothing_that_is_configured_undoes_it(onboarding, vm, variables, environment):
    onboarding.hosts({"vm-01": onboarding.machine(vm, **variables)})
    vm.new_host_key()
    vm.start()

    assert_refused(onboarding, vm, onboarding.run(event=READY, **environment))


def test_an_extra_variable_that_would_undo_it_is_refused(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm)})

    run = onboarding.run(event=READY, variables={"ansible_ssh_args": BLIND})

    assert run.rc != 0
    assert onboarding.done == {}
    assert "an extra variable ansible_ssh_args beats" in run.text


def test_what_else_is_configured_still_counts(onboarding, vm, directory):
    vm.start()
    own = f"-o PermitLocalCommand=yes -o 'LocalCommand=touch \"{directory}/own\"'"
    onboarding.hosts({"vm-01": onboarding.machine(vm, ansible_ssh_args=own)})

    run = onboarding.run(event=READY)

    assert run.rc == 0, run.output
    assert (directory / "own").exists()


def test_a_machine_behind_another_is_verified_all_the_same(onboarding, vm, directory, env):
    jump = Sshd(directory / "jump", env, "127.0.0.2").start()
    way = f"ssh -F none -i '{jump.identity}' {BLIND} -p {jump.port} -W %h:%p {jump.user}@{jump.address}"
    through = {"ansible_ssh_common_args": f'-o ProxyCommand="{way}"'}
    key = vm.host_key
    onboarding.hosts({"vm-01": {**vm.variables, **through, "onboard_vm_host_key": "netbox"}})
    vm.start()

    run = onboarding.run(event=documented(key))

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["no port"]}
    assert jump.logins >= 1
    logins = vm.logins
    vm.stop()
    vm.new_host_key()
    vm.start()
    assert "is not the expected one" in onboarding.run(event=documented(key)).text
    assert vm.logins == logins


def test_a_connection_that_was_kept_open_unverified_is_not_taken_over(onboarding, vm, tmp_path_factory):
    sockets = {"ANSIBLE_SSH_CONTROL_PATH_DIR": str(tmp_path_factory.mktemp("cp"))}  # a short path: a socket's has at most 108 bytes
    onboarding.hosts({"vm-01": onboarding.machine(vm)})
    vm.new_host_key()
    vm.start()
    onboarding.site.write("blind.yml", "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.ping: }]}\n")
    blind = onboarding.site.play("blind.yml", limit="vm-01", ANSIBLE_HOST_KEY_CHECKING="False", **sockets)
    assert blind.rc == 0, blind.output
    assert vm.logins == 1

    run = onboarding.run(event=READY, **sockets)

    assert run.rc != 0 and onboarding.done == {}, run.output
    assert vm.logins == 1


def test_netbox_says_which_key_it_is(onboarding, vm):
    vm.start()
    onboarding.hosts({"vm-01": {**vm.variables, "onboard_vm_host_key": "netbox"}})
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5Jgqg6K1vPqjbkqzGSjQZfcPQnN6Tn4JZmvsrrgWmf an older one"

    run = onboarding.run(event=documented(f"{other}\r\n{vm.host_key} root@vm-01\r\n"))

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["no port"]}


def test_a_machine_with_another_key_than_netbox_has_is_refused(onboarding, vm):
    key = vm.host_key
    vm.new_host_key()
    vm.start()
    # What the user's own file says does not count then.
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_host_key="netbox")})

    run = onboarding.run(event=documented(key))

    # Both are told whole, as ssh-keygen shows them, and nothing of ssh's banner is.
    assert_refused(onboarding, vm, run, f"it is {fingerprint(vm.host_key)}", f"Expected is what NetBox has: {fingerprint(key)}. ")
    assert "NASTY" not in run.output and "@@@" not in run.output


def test_by_hand_the_key_is_in_the_variables_of_the_host(onboarding, vm):
    vm.start()
    documented_in = {"custom_fields": {"ssh_host_key": vm.host_key}, "config_context": [{"ansible_roles": ["nginx"]}]}
    onboarding.hosts({"vm-01": {**vm.variables, **documented_in, "onboard_vm_host_key": "netbox"}})

    run = onboarding.run()

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["no port"]}


@pytest.mark.parametrize("key", ["", None, "ssh-ed25519", "* ssh-ed25519 AAAA", "@cert-authority * ssh-ed25519 AAAA", "ssh-ed25519 AAAAB3NzaC1yc2E=", 7, ["x"]])
def test_what_is_no_public_key_is_refused(onboarding, vm, key):
    vm.start()
    onboarding.hosts({"vm-01": {**vm.variables, "onboard_vm_host_key": "netbox"}})

    run = onboarding.run(event=documented(key))

    assert run.rc != 0
    assert "custom_fields.ssh_host_key: " in run.text
    assert (onboarding.done, vm.logins) == ({}, 0)


def test_an_authority_vouches_for_the_name_of_a_machine(onboarding, vm, directory, env):
    authority, other = make_key(directory / "authority"), make_key(directory / "other")
    for_another_name, by_another = Sshd(directory / "vm-02", env, "127.0.0.2"), Sshd(directory / "vm-03", env, "127.0.0.3")
    plain = Sshd(directory / "vm-04", env, "127.0.0.4")
    vm.certify(authority, "vm-01")
    for_another_name.certify(authority, "vm-01")
    by_another.certify(other, "vm-03")
    machines = {"vm-01": vm.start(), "vm-02": for_another_name.start(), "vm-03": by_another.start(), "vm-04": plain.start()}
    trusted = {"onboard_vm_host_key": "ca", "onboard_vm_host_ca": public_key(authority)}
    onboarding.hosts({name: {**each.variables, **trusted} for name, each in machines.items()})

    run = onboarding.run(event=event(*(machine(name, number=number) for number, name in enumerate(machines))), limit=",".join(machines))

    assert onboarding.done == {"nginx-vm-01": ["no port"]}, run.output
    assert run.of("failed") == {"vm-01": 0, "vm-02": 1, "vm-03": 1, "vm-04": 1}
    assert [each.logins for each in (for_another_name, by_another, plain)] == [0, 0, 0]


def test_the_key_of_a_first_contact_is_expected_from_then_on(onboarding, vm, directory):
    vm.start()
    pins = directory / "pins"
    onboarding.hosts({"vm-01": {**vm.variables, "onboard_vm_host_key": "first_contact", "onboard_vm_known_hosts_directory": str(pins)}})

    looked = onboarding.run("--check", event=READY)
    assert looked.rc == 0, looked.output
    assert not pins.exists(), "check mode remembers nothing"

    first = onboarding.run(event=READY)
    second = onboarding.run(event=READY)

    assert first.rc == second.rc == 0, first.output
    assert (first.of("changed"), second.of("changed")) == ({"vm-01": 2}, {"vm-01": 0})
    assert (pins / "vm-01").read_text() == f"vm-01 {vm.host_key}\n"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (pins, pins / "vm-01")] == [0o700, 0o600]
    logins = vm.logins
    vm.stop()
    vm.new_host_key()
    vm.start()

    third = onboarding.run(event=READY)

    assert third.rc != 0 and "is not the expected one" in third.text
    assert f"verify its key and delete {pins}/vm-01" in third.text
    assert vm.logins == logins


def test_another_kind_of_connection_is_refused(onboarding, vm):
    onboarding.hosts({"vm-01": {**vm.variables, "ansible_connection": "ansible.builtin.winrm"}})

    run = onboarding.run(event=READY)

    assert run.rc != 0
    assert "ansible_connection: must be ssh" in run.text, run.output
