# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The numbers that NetBox has for object types: generic foreign keys in the change log are these. The recordings have 10 for a VM's interface."""

from __future__ import annotations

_TYPES = (
    "dcim.site", "dcim.region", "dcim.sitegroup", "dcim.location", "dcim.device", "dcim.devicerole", "dcim.devicetype", "dcim.manufacturer", "dcim.platform",
    "virtualization.vminterface", "virtualization.virtualmachine", "virtualization.cluster", "virtualization.clustertype", "virtualization.clustergroup",
    "ipam.ipaddress", "ipam.vrf", "tenancy.tenant", "tenancy.tenantgroup", "extras.tag", "extras.customfield", "extras.webhook", "extras.eventrule",
    "extras.journalentry", "extras.configcontext", "users.user", "users.group", "users.token", "users.objectpermission", "core.objectchange",
    "extras.objectchange", "dcim.interface", "dcim.rack", "ipam.prefix", "ipam.vlan", "ipam.service", "ipam.fhrpgroup", "core.job", "extras.script",
    "virtualization.virtualdisk", "virtualization.virtualmachinetype", "dcim.macaddress",
)  # fmt: skip
NUMBERS = {name: number for number, name in enumerate(_TYPES, 1)}
