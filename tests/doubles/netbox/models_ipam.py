# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IP addresses, and what they may belong to beside hosts."""

from __future__ import annotations

import ipaddress

from . import addresses
from .fields import Computed
from .kinds import Address, Choice, ObjectType, Slug, Text, Whole
from .model import Model, Unique, by_name, owned
from .models_dcim import tree
from .reader import ids
from .relations import CASCADE, PROTECT, Generic, Ref

STATUS = {"active": "Active", "reserved": "Reserved", "deprecated": "Deprecated", "dhcp": "DHCP", "slaac": "SLAAC"}
ROLES = {
    "loopback": "Loopback", "secondary": "Secondary", "anycast": "Anycast", "vip": "VIP", "vrrp": "VRRP", "hsrp": "HSRP", "glbp": "GLBP", "carp": "CARP",
}  # fmt: skip


def _family(record, _view):
    version = ipaddress.ip_interface(record["address"]).version
    return {"value": version, "label": f"IPv{version}"}


def _nat_outside(record, view):
    return [view.nested("ipam.ipaddress", found, view) for found in ids(view.reader, ("ipam.ipaddress", record["id"]), "ipam.ipaddress", "nat_inside")]


def _key(record, _reader):
    # Several hosts may have an address with one of the roles that stand for more than one.
    return None if record["role"] in ("anycast", "vip", "vrrp", "hsrp", "glbp", "carp") else (str(ipaddress.ip_interface(record["address"]).ip), record["vrf"])


MODELS = (
    Model(
        "ipam.ipaddress", "ipam/ip-addresses", "IP address", "IPAddress",
        [Computed("family", value=_family), Address("address"), Ref("vrf", target="ipam.vrf", on_delete=PROTECT),
         Ref("tenant", target="tenancy.tenant", on_delete=PROTECT), Choice("status", "active", choices=STATUS),
         Choice("role", None, nullable=True, choices=ROLES), ObjectType("assigned_object_type"), Whole("assigned_object_id"),
         Generic("assigned_object", type_field="assigned_object_type", id_field="assigned_object_id", on_delete=CASCADE),
         Ref("nat_inside", target="ipam.ipaddress"), Computed("nat_outside", value=_nat_outside), Text("dns_name", max_length=255), *owned("ipam.ipaddress")],
        ("family", "address", "nat_inside", "nat_outside", "dns_name", "description"), display=lambda record, _reader: record["address"],
        sort=lambda record: (ipaddress.ip_interface(record["address"]).version, int(ipaddress.ip_interface(record["address"])), record["id"]),
        unique=(Unique("Duplicate IP address found in global table.", _key, "address"),), check=addresses.check_address,
    ),
    Model(
        "ipam.vrf", "ipam/vrfs", "VRF", "VRF",
        [Text("name", required=True, max_length=100), Text("rd", None, nullable=True), *owned("ipam.vrf")], ("name", "rd", "description"), recorded=False,
    ),
    Model(
        "tenancy.tenant", "tenancy/tenants", "tenant", "Tenant",
        [Text("name", required=True, max_length=100), Slug("slug"), Ref("group", target="tenancy.tenantgroup"), *owned("tenancy.tenant")],
        unique=(by_name("tenant"), by_name("tenant", "slug")), recorded=False,
    ),
    tree("tenancy.tenantgroup", "tenancy/tenant-groups", "tenant group", "TenantGroup", [], []),
)  # fmt: skip
