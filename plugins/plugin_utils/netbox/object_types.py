# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types of objects that NetBox has, and where its API has each.

The paths are those of NetBox's REST API (https://demo.netbox.dev/api/schema/swagger-ui/); a plugin's types are written with their path.
"""

from __future__ import annotations

from collections.abc import Mapping

VIRTUAL_MACHINE, DEVICE, IP_ADDRESS, CONFIG_CONTEXT = "virtualization.virtualmachine", "dcim.device", "ipam.ipaddress", "extras.configcontext"
HOST_TYPES = (VIRTUAL_MACHINE, DEVICE)

PATHS: Mapping[str, str] = {
    "circuits.circuit": "circuits/circuits",
    "circuits.provider": "circuits/providers",
    CONFIG_CONTEXT: "extras/config-contexts",
    "dcim.cable": "dcim/cables",
    DEVICE: "dcim/devices",
    "dcim.devicerole": "dcim/device-roles",
    "dcim.devicetype": "dcim/device-types",
    "dcim.interface": "dcim/interfaces",
    "dcim.location": "dcim/locations",
    "dcim.manufacturer": "dcim/manufacturers",
    "dcim.platform": "dcim/platforms",
    "dcim.rack": "dcim/racks",
    "dcim.region": "dcim/regions",
    "dcim.site": "dcim/sites",
    "dcim.sitegroup": "dcim/site-groups",
    "dcim.virtualchassis": "dcim/virtual-chassis",
    "extras.tag": "extras/tags",
    "ipam.aggregate": "ipam/aggregates",
    IP_ADDRESS: "ipam/ip-addresses",
    "ipam.iprange": "ipam/ip-ranges",
    "ipam.prefix": "ipam/prefixes",
    "ipam.service": "ipam/services",
    "ipam.vlan": "ipam/vlans",
    "ipam.vlangroup": "ipam/vlan-groups",
    "ipam.vrf": "ipam/vrfs",
    "tenancy.contact": "tenancy/contacts",
    "tenancy.tenant": "tenancy/tenants",
    "virtualization.cluster": "virtualization/clusters",
    "virtualization.clustertype": "virtualization/cluster-types",
    "virtualization.virtualdisk": "virtualization/virtual-disks",
    VIRTUAL_MACHINE: "virtualization/virtual-machines",
    "virtualization.vminterface": "virtualization/interfaces",
}


def model_of(object_type: str) -> str:
    """Return the model without its app, as the types of events have it."""
    return object_type.rpartition(".")[2]
