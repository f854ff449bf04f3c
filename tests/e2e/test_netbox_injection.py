# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything that NetBox lets a user write carries an injection: nothing of it runs, and what is refused is refused with a reason in NetBox's journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


class Attack:
    """Texts that would leave a file if anything evaluated them, each another file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "harm"
        self.directory.mkdir()

    def template(self, name: str) -> str:
        """Return a text that runs a command where it is taken for a template, or for a part of a shell's command line."""
        file = self.directory / name
        return f"{{{{ lookup('ansible.builtin.pipe', 'touch {file}') }}}}{{% set x = lookup('pipe', 'touch {file}') %}}$(touch {file})`touch {file}`"

    @property
    def done(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())


def test_nothing_that_a_user_writes_in_netbox_is_run(rulebook, directory, env, netbox):
    site = Site(rulebook, directory, env, netbox, has_webhook=True)
    attack = Attack(directory)
    netbox.create("extras.customfield", name="note", type="text", object_types=[VM])
    netbox.create("extras.tag", name=attack.template("tag")[:100], slug="hostile")
    # The role's own variables come from the config context: what they say is data, and the role writes it down.
    role = directory / "roles" / "baseline" / "tasks" / "main.yml"
    role.write_text(
        "- ansible.builtin.copy: {content: '{{ baseline_text }}', dest: \"{{ lookup('ansible.builtin.env', 'TRACES') }}/written\", mode: '0600'}\n",
        encoding="utf-8",
    )
    context = {
        "ansible_roles": ["baseline"],
        "ansible_vars": {"baseline_text": attack.template("variable")},
        attack.template("key of the context"): attack.template("context"),
    }
    netbox.create("extras.configcontext", name=attack.template("name of the context")[:100], weight=100, clusters=[site.cluster], data=context)
    site.start()

    fields = {"login_user": site.sshd.user, "ssh_host_key": site.sshd.host_key, "ssh_port": site.sshd.port, "note": attack.template("custom field")}
    hostile = {name: attack.template(name) for name in ("comments", "description")} | {"description": attack.template("description")[:200]}
    vm = site.create_vm("web01", custom_fields=fields, tags=[{"slug": "hostile"}], **hostile)
    site.make_primary(vm, site.create_address(site.create_interface(vm)))
    site.case(READY, "resolved")

    # The text arrived, as it was written but for what makes a template of it.
    written = (site.traces / "written").read_text(encoding="utf-8")
    assert "lookup('ansible.builtin.pipe'" in written
    netbox.create(
        "extras.journalentry", assigned_object_type=VM, assigned_object_id=vm, kind="info", comments=attack.template("journal")
    )
    netbox.update(VM, vm, local_context_data={"ansible_vars": {"baseline_text": attack.template("local context")}})
    site.case("netbox.virtualmachine.updated", "resolved")
    site.wait_for(lambda: len(site.journal(vm)) >= 3, "the second journal entry")
    assert attack.done == []
    assert {row["host"] for row in site.ledger.executions()} == {"web01"}
    assert rulebook.stop() == 0


def test_a_machine_whose_name_or_login_is_none_is_refused_with_a_reason_in_its_journal(rulebook, directory, env, netbox):
    site = Site(rulebook, directory, env, netbox, has_webhook=False)
    attack = Attack(directory)
    site.start()
    site.go()
    names = ["all", "-e@x", "localhost", "web*", "web01,bystander", "!bystander", attack.template("name")[:64]]
    machines = {name: site.create_vm(name) for name in names}
    login = site.create_vm("web02", custom_fields={"login_user": "-oProxyCommand=touch /tmp/x", "ssh_host_key": site.sshd.host_key, "ssh_port": site.sshd.port})
    for number, vm in enumerate([*machines.values(), login], start=2):
        site.make_primary(vm, site.create_address(site.create_interface(vm), f"127.0.1.{number}/8"))

    for name, vm in machines.items():
        (entry,) = site.wait_for(lambda vm=vm: site.journal(vm), f"the journal of {name}")
        assert entry["kind"]["value"] == "warning"
        assert entry["comments"].startswith(f"**Not done**: `{READY}`")
        assert "name" in entry["comments"] or "unknown host" in entry["comments"]
    (entry,) = site.wait_for(lambda: site.journal(login), "the journal of web02")
    assert "ansible_user: must be a login name" in entry["comments"]

    assert {case["state"] for case in site.ledger.cases(type=READY)} == {"suppressed"}
    # Only the playbook that calls a person ran, on the controller.
    assert {row["host"] for row in site.ledger.executions()} <= {"localhost"}
    assert site.trace("begun") == []
    assert site.sshd.logins == 0
    assert attack.done == []
    assert rulebook.stop() == 0
