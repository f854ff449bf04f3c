# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites, devices, and what describes them."""

from __future__ import annotations

from . import addresses
from .fields import Computed, Json
from .kinds import Choice, Decimal, Flag, Slug, Text, Whole
from .model import Model, Unique, by_name, owned
from .reader import count
from .relations import CASCADE, PROTECT, Ref

STATUS = {"planned": "Planned", "staging": "Staging", "active": "Active", "decommissioning": "Decommissioning", "retired": "Retired"}
DEVICE_STATUS = {
    "offline": "Offline", "active": "Active", "planned": "Planned", "staged": "Staged", "failed": "Failed", "inventory": "Inventory",
    "decommissioning": "Decommissioning",
}  # fmt: skip
_DEVICE_PARTS = ("console_port", "console_server_port", "power_port", "power_outlet", "interface", "front_port", "rear_port", "device_bay", "module_bay",
                 "inventory_item")  # fmt: skip


def counted(name: str, object_type: str, field: str, target: str) -> Computed:
    """Return a field that counts the objects of a type that refer to this one."""
    return Computed(name, value=lambda record, view: count(view.reader, (target, record["id"]), object_type, field))


def zero(name: str) -> Computed:
    """Return a field that counts what the double has not."""
    return Computed(name, value=lambda _record, _view: 0)


def depth(target: str) -> Computed:
    """Return how many objects are above this one."""

    def value(record, view):
        levels = 0
        while (record := view.reader.get(target, record["parent"])) is not None:
            levels += 1
        return levels

    return Computed("_depth", value=value)


def tree(object_type: str, path: str, label: str, class_name: str, own: list, counts: list) -> Model:
    """Return a type whose objects have a parent of the same type."""
    return Model(
        object_type, path, label, class_name,
        [Text("name", required=True, max_length=100), Slug("slug"), Ref("parent", target=object_type, on_delete=CASCADE), *own, *owned(object_type),
         *counts, depth(object_type)],
        ("name", "slug", "description", *(found.name for found in counts), "_depth"),
        unique=(by_name(label), by_name(label, "slug")), recorded=class_name in ("DeviceRole", "Platform"),
    )  # fmt: skip


def _devices(field: str, target: str) -> list[Computed]:
    return [counted("device_count", "dcim.device", field, target), counted("virtualmachine_count", "virtualization.virtualmachine", field, target)]


def _device_key(record, _reader):
    return record["name"] and (record["name"].lower(), record["site"], record["tenant"])


MODELS = (
    Model(
        "dcim.site", "dcim/sites", "site", "Site",
        [Text("name", required=True, max_length=100), Slug("slug"), Choice("status", "active", choices=STATUS), Ref("region", target="dcim.region"),
         Ref("group", target="dcim.sitegroup"), Ref("tenant", target="tenancy.tenant", on_delete=PROTECT), Text("facility"),
         Text("time_zone", None, nullable=True),
         Text("description"), Text("physical_address"), Text("shipping_address"), Decimal("latitude", places=6), Decimal("longitude", places=6),
         *owned("dcim.site")[1:3], Computed("asns", value=lambda _record, _view: []), *owned("dcim.site")[3:], zero("circuit_count"),
         counted("device_count", "dcim.device", "site", "dcim.site"), zero("prefix_count"), zero("rack_count"),
         counted("virtualmachine_count", "virtualization.virtualmachine", "site", "dcim.site"), zero("vlan_count")],
        unique=(by_name("site"), by_name("site", "slug")),
    ),
    tree("dcim.region", "dcim/regions", "region", "Region", [], [counted("site_count", "dcim.site", "region", "dcim.region")]),
    tree("dcim.sitegroup", "dcim/site-groups", "site group", "SiteGroup", [], [counted("site_count", "dcim.site", "group", "dcim.sitegroup")]),
    tree("dcim.location", "dcim/locations", "location", "Location", [Ref("site", required=True, nullable=False, target="dcim.site", on_delete=CASCADE)], []),
    tree("dcim.devicerole", "dcim/device-roles", "device role", "DeviceRole", [Text("color", "9e9e9e"), Flag("vm_role", True), Json("config_template")],
         _devices("role", "dcim.devicerole")),
    tree("dcim.platform", "dcim/platforms", "platform", "Platform", [Ref("manufacturer", target="dcim.manufacturer"), Json("config_template")],
         _devices("platform", "dcim.platform")),
    Model(
        "dcim.manufacturer", "dcim/manufacturers", "manufacturer", "Manufacturer",
        [Text("name", required=True, max_length=100), Slug("slug"), *owned("dcim.manufacturer")],
        unique=(by_name("manufacturer"), by_name("manufacturer", "slug")), recorded=False,
    ),
    Model(
        "dcim.devicetype", "dcim/device-types", "device type", "DeviceType",
        [Ref("manufacturer", required=True, nullable=False, target="dcim.manufacturer", on_delete=PROTECT), Text("model", required=True, max_length=100),
         Slug("slug"), Text("part_number"), Decimal("u_height", "1.00"),
         *owned("dcim.devicetype"), counted("device_count", "dcim.device", "device_type", "dcim.devicetype")],
        ("manufacturer", "model", "slug", "description", "device_count"),
        display=lambda record, _reader: record["model"], sort=lambda record: (record["model"], record["id"]), recorded=False,
    ),
    Model(
        "dcim.device", "dcim/devices", "device", "Device",
        [Text("name", None, nullable=True, max_length=64), Ref("device_type", required=True, nullable=False, target="dcim.devicetype", on_delete=PROTECT),
         Ref("role", required=True, nullable=False, target="dcim.devicerole", on_delete=PROTECT), Ref("tenant", target="tenancy.tenant", on_delete=PROTECT),
         Ref("platform", target="dcim.platform"), Text("serial"), Text("asset_tag", None, nullable=True),
         Ref("site", required=True, nullable=False, target="dcim.site", on_delete=PROTECT), Ref("location", target="dcim.location", on_delete=PROTECT),
         Json("rack"), Json("position"), Choice("face", None, nullable=True, choices={"front": "Front", "rear": "Rear"}),
         Decimal("latitude", places=6), Decimal("longitude", places=6), Computed("parent_device"), Choice("status", "active", choices=DEVICE_STATUS),
         Choice("airflow", None, nullable=True, choices={"front-to-rear": "Front to rear", "rear-to-front": "Rear to front"}),
         addresses.PRIMARY, Ref("primary_ip4", target="ipam.ipaddress"), Ref("primary_ip6", target="ipam.ipaddress"), Ref("oob_ip", target="ipam.ipaddress"),
         Ref("cluster", target="virtualization.cluster"), Json("virtual_chassis"), Whole("vc_position"), Whole("vc_priority"),
         Text("description", max_length=200), *owned("dcim.device")[1:3], Json("config_template"), addresses.CONTEXT, Json("local_context_data"),
         *owned("dcim.device")[3:],
         *(Computed(f"{part}_count", tracked=True, value=lambda _record, _view: 0) for part in _DEVICE_PARTS if part != "interface"),
         Computed("interface_count", tracked=True, value=lambda record, view: count(view.reader, ("dcim.device", record["id"]), "dcim.interface", "device"))],
        ("name", "description"), display=lambda record, _reader: record["name"] or f"Device {record['id']}",
        unique=(Unique("Device name must be unique per site.", _device_key),),
        check=addresses.check_primary("dcim.interface", "device", "device"), filters=addresses.HOST_FILTERS,
    ),
    Model(
        "dcim.interface", "dcim/interfaces", "interface", "Interface",
        [Ref("device", required=True, nullable=False, target="dcim.device", on_delete=CASCADE), Text("name", required=True, max_length=64), Text("label"),
         Choice("type", None, required=True,
         choices={"virtual": "Virtual", "1000base-t": "1000BASE-T (1GE)", "10gbase-t": "10GBASE-T (10GE)", "other": "Other"}),
         Flag("enabled", True), Ref("parent", target="dcim.interface"), Ref("bridge", target="dcim.interface"), Ref("lag", target="dcim.interface"),
         Whole("mtu", minimum=1),
         *addresses.MACS, owned("dcim.interface")[0], *addresses.LINK, Flag("mgmt_only"), *owned("dcim.interface", comments=False)[1:],
         Computed("count_ipaddresses", value=addresses.count_of("dcim.interface")), zero("count_fhrp_groups"),
         Computed("cable"), Computed("_occupied", value=lambda _record, _view: False)],
        ("device", "name", "description", "cable", "_occupied"), sort=lambda record: (record["device"], record["name"], record["id"]), recorded=False,
        unique=(Unique("The fields device, name must make a unique set.", lambda record, _reader: (record["device"], record["name"])),),
        web_path="dcim/interfaces",
    ),
)  # fmt: skip
