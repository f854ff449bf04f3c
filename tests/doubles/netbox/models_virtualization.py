# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Virtual machines, their interfaces and their clusters."""

from __future__ import annotations

from . import addresses
from .fields import Computed, Json
from .kinds import Choice, Decimal, Flag, ObjectType, Slug, Text, Whole
from .model import Model, Unique, by_name, owned
from .models_dcim import counted, zero
from .reader import count
from .relations import CASCADE, NULL, PROTECT, Generic, Ref

VM_STATUS = {
    "offline": "Offline", "active": "Active", "planned": "Planned", "staged": "Staged", "failed": "Failed", "decommissioning": "Decommissioning",
    "paused": "Paused",
}  # fmt: skip
CLUSTER_STATUS = {"planned": "Planned", "staging": "Staging", "active": "Active", "decommissioning": "Decommissioning", "offline": "Offline"}
_VM, _CLUSTER = "virtualization.virtualmachine", "virtualization.cluster"


def cluster_site(record, reader) -> int | None:
    """Return the site of a cluster: its scope, and before 4.2 a field of its own."""
    return record["scope_id"] if record["scope_type"] == "dcim.site" else record["site"]


def _check_vm(new, old, reader):
    cluster = reader.get(_CLUSTER, new["cluster"])
    if cluster is None and new["site"] is None:
        return {"cluster": ["A virtual machine must be assigned to a site and/or cluster."]}
    if cluster is not None and new["site"] is None:
        new["site"] = cluster_site(cluster, reader)
    if cluster is not None and cluster_site(cluster, reader) not in (None, new["site"]):
        return {"cluster": [f"The selected cluster ({cluster['name']}) is not assigned to this site."]}
    return addresses.check_primary("virtualization.vminterface", "virtual_machine", "VM")(new, old, reader)


def _interfaces(record, view) -> int:
    return count(view.reader, (_VM, record["id"]), "virtualization.vminterface", "virtual_machine")


def _vm_key(record, _reader):
    return record["name"].lower(), record["cluster"], record["tenant"]


MODELS = (
    Model(
        "virtualization.clustertype", "virtualization/cluster-types", "cluster type", "ClusterType",
        [Text("name", required=True, max_length=100), Slug("slug"), *owned("virtualization.clustertype"),
         counted("cluster_count", _CLUSTER, "type", "virtualization.clustertype")],
        unique=(by_name("cluster type"), by_name("cluster type", "slug")),
    ),
    Model(
        "virtualization.clustergroup", "virtualization/cluster-groups", "cluster group", "ClusterGroup",
        [Text("name", required=True, max_length=100), Slug("slug"), *owned("virtualization.clustergroup"),
         counted("cluster_count", _CLUSTER, "group", "virtualization.clustergroup")],
        unique=(by_name("cluster group"), by_name("cluster group", "slug")), recorded=False,
    ),
    Model(
        _CLUSTER, "virtualization/clusters", "cluster", "Cluster",
        [Text("name", required=True, max_length=100), Ref("type", required=True, nullable=False, target="virtualization.clustertype", on_delete=PROTECT),
         Ref("group", target="virtualization.clustergroup", on_delete=PROTECT), Choice("status", "active", choices=CLUSTER_STATUS),
         Ref("tenant", target="tenancy.tenant", on_delete=PROTECT), Ref("site", until="4.2", target="dcim.site", on_delete=PROTECT),
         ObjectType("scope_type", since="4.2"), Whole("scope_id", since="4.2"),
         Generic("scope", since="4.2", type_field="scope_type", id_field="scope_id", on_delete=NULL), *owned(_CLUSTER),
         counted("device_count", "dcim.device", "cluster", _CLUSTER), counted("virtualmachine_count", _VM, "cluster", _CLUSTER),
         *(Computed(f"allocated_{what}", since="4.3") for what in ("vcpus", "memory", "disk"))],
        ("name", "description"),
    ),
    Model(
        _VM, "virtualization/virtual-machines", "virtual machine", "VirtualMachine",
        [Text("name", required=True, max_length=64), Json("virtual_machine_type", since="4.6"), Ref("role", target="dcim.devicerole", on_delete=PROTECT),
         Choice("status", "active", choices=VM_STATUS),
         Choice("start_on_boot", "off", since="4.5", choices={"on": "On", "off": "Off", "laststate": "Last State"}),
         Ref("site", target="dcim.site", on_delete=PROTECT), Ref("cluster", target=_CLUSTER, on_delete=PROTECT),
         Ref("device", target="dcim.device", on_delete=PROTECT), Ref("platform", target="dcim.platform"), addresses.PRIMARY,
         Ref("primary_ip4", target="ipam.ipaddress"), Ref("primary_ip6", target="ipam.ipaddress"), Decimal("vcpus"), Whole("memory"), Whole("disk"),
         Text("description", max_length=200), Text("serial", since="4.1", max_length=50), Ref("tenant", target="tenancy.tenant", on_delete=PROTECT),
         *owned(_VM)[1:4], Json("local_context_data"), Json("config_template"), *owned(_VM)[4:],
         Computed("interface_count", tracked=True, value=_interfaces),
         Computed("virtual_disk_count", tracked=True, value=lambda _record, _view: 0), addresses.CONTEXT],
        ("name", "description"), check=_check_vm, filters=addresses.HOST_FILTERS,
        unique=(Unique("Virtual machine name must be unique per cluster.", _vm_key),),
    ),
    Model(
        "virtualization.vminterface", "virtualization/interfaces", "interface", "VMInterface",
        [Ref("virtual_machine", required=True, nullable=False, target=_VM, on_delete=CASCADE), Text("name", required=True, max_length=64),
         Flag("enabled", True),
         Ref("parent", target="virtualization.vminterface"), Ref("bridge", target="virtualization.vminterface"), Whole("mtu", minimum=1),
         *addresses.MACS, owned("virtualization.vminterface")[0], *addresses.LINK, *owned("virtualization.vminterface", comments=False)[1:],
         Computed("count_ipaddresses", value=addresses.count_of("virtualization.vminterface")), zero("count_fhrp_groups")],
        ("virtual_machine", "name", "description"), sort=lambda record: (record["virtual_machine"], record["name"], record["id"]),
        unique=(Unique("The fields virtual_machine, name must make a unique set.", lambda record, _reader: (record["virtual_machine"], record["name"])),),
    ),
)  # fmt: skip
