# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook onboard_vm refuses what is not allowed before it touches the machine, and evaluates nothing that NetBox says."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.integration.roles.onboarding import event, machine

pytestmark = ssh.needed


@pytest.fixture
def refused(onboarding, vm):
    """Return a function that runs the playbook for an event, sees that the machine was not touched, and returns what was said."""
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm, onboard_vm_baseline_roles=["common"])})

    def run(of: dict, **arguments: object) -> str:
        done = onboarding.run(event=of, **arguments)
        assert done.rc != 0, done.output
        assert (onboarding.done, vm.logins, "Connection from" in vm.log) == ({}, 0, True), "the test itself looked whether it listens"
        assert vm.log.count("Connection from") == 1
        return done.text

    return run


def test_a_role_that_is_not_allowed_is_named_with_those_that_are(refused):
    text = refused(event(machine(roles=("nginx", "miner"))))

    assert "config_context.ansible_roles: 'miner' may not be run. onboard_vm_allowed_roles allows nginx, postgresql" in text


@pytest.mark.parametrize("name", ["../nginx", "nginx ", "Nginx", "eventops.infra.guard", "ngin?", "*", "/etc/ansible/roles/nginx", ""])
def test_only_exact_names_are_allowed(refused, name):
    assert "may not be run" in refused(event(machine(roles=("nginx", name))))


@pytest.mark.parametrize(
    "roles,said",
    [
        ("nginx", "must be a list of names of roles, got the text 'nginx'"),
        ({"nginx": True}, "must be a list of names of roles, got a mapping"),
        ((["nginx"],), "config_context.ansible_roles[0]: must be the name of a role, got a list"),
        (("nginx", {"role": "nginx"}, 7), "config_context.ansible_roles[1]: must be the name of a role, got a mapping"),
        (("nginx",) * 1000, "must have at most 100 names of roles, got 1000"),
    ],
)
def test_what_is_no_list_of_names_is_refused(refused, roles, said):
    assert said in refused(event(machine(roles=roles)))


@pytest.mark.parametrize(
    "name,said",
    [
        ("ansible_connection", "'ansible_connection' may never come from NetBox"),
        ("ansible_become_exe", "may never come from NetBox"),
        ("onboard_vm_allowed_roles", "may never come from NetBox"),
        ("hostvars", "may never come from NetBox"),
        ("common_port", "'common_port' may not be set. Allowed is nginx_*, postgresql_*"),
        ("Nginx_Port", "must be a name of lowercase letters"),
        ("nginx_port\n", "must be a name of lowercase letters"),
    ],
)
def test_a_variable_that_is_not_allowed_is_named(refused, name, said):
    assert said in refused(event(machine(context={"ansible_vars": {"nginx_port": 1, name: "x"}})))


def test_what_is_never_allowed_is_not_allowed_by_a_pattern(refused):
    text = refused(event(machine(context={"ansible_vars": {"ansible_host": "192.0.2.1"}})), variables={"onboard_vm_allowed_variables": ["*"]})

    assert "'ansible_host' may never come from NetBox" in text


def test_all_mistakes_are_told_at_once(refused):
    text = refused(event(machine(roles=("miner",), context={"ansible_vars": ["nginx_port"]})), variables={"onboard_vm_host_key": "netbox"})

    assert "'miner' may not be run" in text
    assert "config_context.ansible_vars: must be a mapping of variables, got a list" in text
    assert "custom_fields.ssh_host_key: must be a public key" in text


@pytest.mark.parametrize("thing", [{"name": "vm-01", "custom_fields": {}}, {"name": "vm-01", "config_context": None}])
def test_an_object_without_its_config_context_is_refused(refused, thing):
    assert "config_context: must be a mapping, got nothing; let the source eventops.infra.netbox include it" in refused(event(thing))


def test_an_event_about_another_machine_is_refused(refused):
    assert "is not about vm-01: it names 'vm-02'" in refused(event(machine("vm-02")))


def test_what_was_deleted_is_refused(refused):
    assert "what NetBox no longer has is not onboarded" in refused(event(machine(), type_="netbox.virtualmachine.deleted"))


def injected(value: object, bait: str) -> object:
    """Put a bait into every text and every key of a value that people write."""
    if isinstance(value, dict):
        return {key if key in KEPT else f"{key}{bait}": injected(item, bait) if key not in FIXED else item for key, item in value.items()}
    if isinstance(value, list):
        return [injected(item, bait) for item in value]
    return f"{value} {bait}" if isinstance(value, str) else value


FIXED = ("type", "hosts", "ansible_roles", "id", "case", "meta", "name")
KEPT = (*FIXED, "data", "object", "config_context", "ansible_vars", "events", "custom_fields", "nginx_port", "comments")

BAITS = ["{{ lookup('ansible.builtin.pipe', 'touch \"$PWNED\"') }}", "{% if lookup('ansible.builtin.pipe', 'touch \"$PWNED\"') %}{% endif %}"]


@pytest.mark.parametrize("bait", BAITS, ids=["expression", "statement"])
def test_a_template_that_reaches_the_playbook_as_it_was_written_runs_nothing(onboarding, vm, directory, bait):
    """Stock ansible-rulebook gives the text of an event as a template that Ansible trusts."""
    vm.start()
    onboarding.hosts({"vm-01": onboarding.machine(vm)})
    context = {"ansible_vars": {"nginx_port": "text"}, "other": {"a": ["b"]}}
    tags = [{"name": "tag", "slug": "tag"}]
    thing = machine(comments="text", description="text", tags=tags, custom_fields={"login_user": "x"}, context=context)
    bad = injected(event(thing), bait)
    pwned = directory / "PWNED"
    print_it = "{ansible.builtin.debug: {msg: '{{ ansible_eda.event.data.object.comments }}'}}"
    onboarding.site.write("reads_it.yml", f"- {{hosts: all, gather_facts: false, tasks: [{print_it}]}}\n")

    run = onboarding.run(event=bad, PWNED=str(pwned))

    assert run.rc == 0, run.output
    assert not pwned.exists()
    [value] = onboarding.done["nginx-vm-01"]
    assert value.startswith("text ") and "lookup(" in value, "it arrives, as a text"
    onboarding.site.play("reads_it.yml", limit="vm-01", variables={"ansible_eda": {"event": bad}}, PWNED=str(pwned))
    assert pwned.exists(), "the bait is one"


@pytest.mark.parametrize("bait", BAITS, ids=["expression", "statement"])
def test_a_template_in_a_name_runs_nothing_and_is_named(refused, directory, bait):
    pwned = directory / "PWNED"
    thing = machine(roles=(bait,), context={"ansible_vars": {bait: 1}}, custom_fields={"ssh_host_key": bait})

    text = refused(event(thing), variables={"onboard_vm_host_key": "netbox"}, PWNED=str(pwned))

    assert "may not be run" in text and "must be a name of lowercase letters" in text and "ssh_host_key: must be a public key" in text
    assert not pwned.exists()


def test_a_template_in_the_variables_of_a_host_runs_nothing(onboarding, vm, directory):
    vm.start()
    context = {"ansible_roles": ["nginx"], "ansible_vars": {"nginx_port": BAITS[0]}}
    onboarding.hosts({"vm-01": onboarding.machine(vm, config_context=context)})

    run = onboarding.run(PWNED=str(directory / "PWNED"))

    assert run.rc == 0, run.output
    assert not (directory / "PWNED").exists()
    assert "lookup(" in json.dumps(onboarding.done["nginx-vm-01"])
