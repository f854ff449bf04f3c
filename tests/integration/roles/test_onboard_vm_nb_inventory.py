# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By hand, with the real netbox.netbox.nb_inventory over NetBox's double: the playbook onboard_vm does what the host's object says."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.eventops.infra.scripts.environment import PEER_COLLECTIONS
from ansible_collections.eventops.infra.tests.doubles.netbox import running_netbox
from ansible_collections.eventops.infra.tests.e2e import sshd as ssh
from ansible_collections.eventops.infra.tests.e2e.documents import block, changed

pytestmark = ssh.needed

VM = "virtualization.virtualmachine"
PAGE = "netbox_inventory.md"


@pytest.mark.parametrize("more", [{}, {"flatten_config_context": True}], ids=["nested", "flattened"])
def test_the_inventory_of_the_page_onboards_by_hand(onboarding, vm, directory, more):
    vm.start()
    with running_netbox() as netbox:
        netbox.create("extras.customfield", name="login_user", type="text", object_types=[VM])
        netbox.create("extras.customfield", name="ssh_host_key", type="longtext", object_types=[VM])
        tag = netbox.create("extras.tag", name="managed", slug="managed")["id"]
        kind = netbox.create("virtualization.clustertype", name="kvm", slug="kvm")["id"]
        cluster = netbox.create("virtualization.cluster", name="lab", type=kind)["id"]
        fields = {"login_user": vm.user, "ssh_host_key": vm.host_key}
        context = {"ansible_roles": ["nginx"], "ansible_vars": {"nginx_port": 8080}}
        machine = netbox.create(VM, name="vm-01", cluster=cluster, tags=[tag], custom_fields=fields, local_context_data=context)["id"]
        port = netbox.create("virtualization.vminterface", virtual_machine=machine, name="eth0")["id"]
        of_port = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": port}
        netbox.update(VM, machine, primary_ip4=netbox.create("ipam.ipaddress", address=f"{vm.address}/8", **of_port)["id"])
        places = {"https://netbox.example.com": netbox.url, "/var/cache/eventops/netbox": str(directory / "cache")}
        written = yaml.safe_load(changed(block(PAGE, "yaml", "plugin: netbox.netbox.nb_inventory"), places))
        onboarding.site.write("inventory/netbox.yml", yaml.safe_dump({**written, **more}))
        settings = {**vm.variables, **onboarding.settings, "traces": str(onboarding.traces), "onboard_vm_host_key": "netbox"}
        del settings["ansible_host"], settings["ansible_user"]  # NetBox has them
        onboarding.site.write("inventory/group_vars/all.yml", yaml.safe_dump(settings))

        run = onboarding.run(NETBOX_TOKEN=netbox.token)

    assert PEER_COLLECTIONS.exists(), "make test fetches netbox.netbox"
    assert run.rc == 0, run.output
    assert onboarding.done == {"nginx-vm-01": ["8080"]}
