# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook onboard_vm waits until a machine lets it in, for a limited time, and says what failed."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.sshd import Sshd
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import event, machine

pytestmark = ssh.needed

READY = event(machine())


def test_it_waits_for_a_machine_that_still_boots_and_for_its_user(onboarding, vm):
    onboarding.hosts({"vm-01": onboarding.machine(vm)})
    vm.lock_out()

    def boot() -> None:
        time.sleep(3)
        vm.start()
        wait_until(lambda: "Connection closed by authenticating user" in vm.log, "a login that failed", 30, lambda: vm.log)
        vm.authorize()

    booting = threading.Thread(target=boot)
    booting.start()
    run = onboarding.run(event=READY)
    booting.join()

    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["no port"]}


def test_one_that_does_not_come_up_holds_no_other_up(onboarding, vm, directory, env):
    other = Sshd(directory / "vm-02", env, "127.0.0.2").start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_ssh_timeout=100), "vm-02": onboarding.machine(other)})
    running = threading.Thread(target=onboarding.run, kwargs={"event": event(machine("vm-01"), machine("vm-02")), "limit": "vm-01,vm-02"})
    running.start()

    wait_until(lambda: onboarding.done, "the other is done", 90)

    assert onboarding.done == {"nginx-vm-02": ["no port"]}
    assert running.is_alive()
    vm.start()
    running.join()
    assert onboarding.done.keys() == {"nginx-vm-01", "nginx-vm-02"}


def test_where_nothing_listens_it_says_so_when_time_is_up(onboarding, vm):
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_ssh_timeout=3)})

    run = onboarding.run(event=READY)

    assert run.rc != 0
    assert f"127.0.0.1 port {vm.port} refuses the connection: nothing listens there. Waited 3 s for it." in run.text, run.output
    assert run.of("failed") == {"vm-01": 1}


def test_a_user_who_is_not_let_in_is_named(onboarding, vm):
    vm.start()
    vm.lock_out()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_ssh_timeout=3)})

    run = onboarding.run(event=READY)

    assert run.rc != 0
    assert f"127.0.0.1 port {vm.port} does not let {vm.user} in: authentication failed." in run.text, run.output
    assert "Permission denied (publickey)" in run.text


def test_a_machine_that_accepts_and_never_answers_holds_nothing_up(onboarding, vm):
    with socket.socket() as silent:
        silent.bind((vm.address, vm.port))
        silent.listen()
        onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_ssh_timeout=3)})

        run = onboarding.run(event=READY)

    assert run.rc != 0
    assert f"127.0.0.1 port {vm.port} does not answer." in run.text, run.output


def test_a_name_that_nobody_knows_is_said(onboarding, vm):
    onboarding.hosts({"vm-01": onboarding.machine(vm, ansible_host="vm-01.invalid", onboard_vm_ssh_timeout=1)})

    run = onboarding.run(event=READY)

    assert run.rc != 0
    assert "is no address and no name that is known here" in run.text, run.output


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_time_that_is_none_is_refused(onboarding, vm, seconds):
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_ssh_timeout=seconds)})

    run = onboarding.run(event=READY)

    assert run.rc != 0
    assert "timeout and interval must be at least 1 second" in run.text, run.output
