# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The config context of a virtual machine or device: those that apply, by weight, and its own last.

Config contexts are not in the recorded schema; this follows NetBox's documentation ("Context Data").
"""

from __future__ import annotations

from collections.abc import Mapping

from .reader import Reader, Record

# The field of a config context, and the type of what it names; each takes all when it is empty.
SCOPES = {
    "regions": "dcim.region", "site_groups": "dcim.sitegroup", "sites": "dcim.site", "locations": "dcim.location", "device_types": "dcim.devicetype",
    "roles": "dcim.devicerole", "platforms": "dcim.platform", "cluster_types": "virtualization.clustertype", "cluster_groups": "virtualization.clustergroup",
    "clusters": "virtualization.cluster", "tenant_groups": "tenancy.tenantgroup", "tenants": "tenancy.tenant", "tags": "extras.tag",
}  # fmt: skip


def rendered(record: Record, view) -> dict[str, object]:
    """Return the config context of a virtual machine or device."""
    mine = belongs_to(record, view.reader)
    applying = [context for context in view.reader.all("extras.configcontext") if context["is_active"] and _applies(context, mine)]
    found: dict[str, object] = {}
    for context in sorted(applying, key=lambda context: (context["weight"], context["name"])):
        found = merged(found, context["data"] or {})
    return merged(found, record["local_context_data"] or {})


def belongs_to(record: Record, reader: Reader) -> dict[str, list[int]]:
    """Return the ids of all that a virtual machine or device belongs to, by the fields of config contexts; regions and groups with those above them."""
    site, cluster, tenant = (
        reader.get(kind, record[name]) or {} for kind, name in (("dcim.site", "site"), ("virtualization.cluster", "cluster"), ("tenancy.tenant", "tenant"))
    )
    return {
        "regions": _above(reader, "dcim.region", site.get("region")),
        "site_groups": _above(reader, "dcim.sitegroup", site.get("group")),
        "sites": [site.get("id")],
        "locations": _above(reader, "dcim.location", record.get("location")),
        "device_types": [record.get("device_type")],
        "roles": _above(reader, "dcim.devicerole", record["role"]),
        "platforms": _above(reader, "dcim.platform", record["platform"]),
        "cluster_types": [cluster.get("type")],
        "cluster_groups": [cluster.get("group")],
        "clusters": [cluster.get("id")],
        "tenant_groups": _above(reader, "tenancy.tenantgroup", tenant.get("group")),
        "tenants": [tenant.get("id")],
        "tags": list(record["tags"]),
    }


def merged(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Return two contexts as one: dictionaries are merged, all else is replaced."""
    result = dict(under)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _applies(context: Record, mine: Mapping[str, list[int]]) -> bool:
    return all(not context[name] or any(number in context[name] for number in mine[name]) for name in SCOPES)


def _above(reader: Reader, object_type: str, object_id: int | None) -> list[int]:
    found = []
    while (record := reader.get(object_type, object_id)) is not None:
        found.append(record["id"])
        object_id = record["parent"]
    return found
