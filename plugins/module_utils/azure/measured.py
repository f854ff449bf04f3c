# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a look at a scale set means: how many instances it has, how they are, and what stands against a change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from ansible_collections.eventops.infra.plugins.module_utils.azure.scale_set import RECORD, Seen

_ONE_PLACEMENT_GROUP = 100  # instances; "Considerations for working with large Virtual Machine Scale Sets"
_LARGEST = 1000
_HEALTH_EXTENSIONS = ("ApplicationHealthLinux", "ApplicationHealthWindows")
# provisioningState and PowerState of an instance. What is in neither is "other": it counts, and nobody waits for it.
_STARTING = ("creating", "starting")
_STOPPING = ("deleting", "stopping", "deallocating")
_ON_THE_WAY = ("starting", "warming", "stopping")
_CHANGING = ("creating", "updating", "deleting", "migrating")


def measured(seen: Seen) -> dict:
    """Return what is known of a scale set, as the role scale asks for it."""
    scale_set, properties = seen.scale_set, seen.scale_set.get("properties") or {}
    is_asked_for_health = _has_health(properties)
    machines = {str(machine.get("name", "")).lower(): machine for machine in seen.machines}
    instances = [_instance(_whole(row, machines), is_asked_for_health) for row in seen.instances]
    _wait_for_surplus(scale_set, instances)
    blocked = _blocked(scale_set, seen)
    return {
        "desired": scale_set["sku"]["capacity"],
        "min": 0,
        "max": _ONE_PLACEMENT_GROUP if properties.get("singlePlacementGroup") else _LARGEST,
        "instances": [{key: instance[key] for key in ("name", "state", "healthy", "protected")} for instance in instances],
        "in_progress": _in_progress(properties, seen.upgrade, instances),
        "blocked_out": blocked,
        "blocked_in": blocked,
        "changed_at": max((instance["created"] for instance in instances if instance["created"] is not None), default=None),
        "record": (scale_set.get("tags") or {}).get(RECORD, ""),
        "trouble": _trouble(seen.view, instances),
    }


def _whole(row: Mapping, machines: Mapping[str, Mapping]) -> Mapping:
    """Return an instance with what its virtual machine says of it, where it has one of its own."""
    machine = machines.get(str(row.get("name", "")).lower())
    if machine is None:
        return row
    return {**row, "properties": {**(row.get("properties") or {}), **(machine.get("properties") or {})}}


def _instance(row: Mapping, is_asked_for_health: bool) -> dict:
    properties = row.get("properties") or {}
    view = properties.get("instanceView") or {}
    provisioning = str(properties.get("provisioningState") or "").lower()
    statuses = [status for status in view.get("statuses") or [] if isinstance(status, Mapping)]
    power = next((_after(status, "powerstate") for status in statuses if _after(status, "powerstate")), "")
    health = _after((view.get("vmHealth") or {}).get("status") or {}, "healthstate")
    protection = properties.get("protectionPolicy") or {}
    return {
        "name": str(row.get("name") or row.get("instanceId") or ""),
        "state": _state(provisioning, power, health, is_asked_for_health),
        "healthy": provisioning != "failed" and (health == "healthy" if is_asked_for_health else True),
        "protected": bool(protection.get("protectFromScaleIn") or protection.get("protectFromScaleSetActions")),
        "created": _seconds(properties.get("timeCreated")),
        "provisioning": provisioning,
        "power": power,
        "message": _errors(statuses),
    }


def _wait_for_surplus(scale_set: Mapping, instances: list[dict]) -> None:
    """With overprovision, Azure starts more instances than it keeps. Which of the newest stay is only known when the others are gone."""
    properties = scale_set.get("properties") or {}
    there = [instance for instance in instances if instance["state"] not in ("stopping", "other")]
    surplus = len(there) - scale_set["sku"]["capacity"]
    if surplus > 0 and properties.get("overprovision") and str(properties.get("provisioningState")).lower() == "updating":
        newest = sorted(there, key=lambda instance: instance["created"] or 0.0)[-surplus - 1 :]
        for instance in newest:
            instance["state"] = "starting"


def _state(provisioning: str, power: str, health: str, is_asked_for_health: bool) -> str:
    if provisioning in _STARTING or (provisioning == "succeeded" and power in _STARTING):
        return "starting"
    if provisioning in _STOPPING or power in _STOPPING:
        return "stopping"
    if provisioning == "succeeded" and power == "running":
        # Until the extension has an answer of the application, health is unknown.
        return "warming" if is_asked_for_health and health not in ("healthy", "unhealthy") else "in_service"
    return "other"


def _in_progress(properties: Mapping, upgrade: Mapping | None, instances: list[dict]) -> str:
    state = str(properties.get("provisioningState") or "")
    if state.lower() not in ("succeeded", "failed", "canceled"):
        return f"the scale set's provisioningState is {state or 'not told'}"
    running = ((upgrade or {}).get("properties") or {}).get("runningStatus") or {}
    if running.get("code") == "RollingForward":
        return f"a rolling upgrade, since {running.get('startTime', 'a time that Azure does not tell')}"
    changing = [f"{instance['name']} ({instance['provisioning']})" for instance in instances if instance["provisioning"] in _CHANGING]
    return f"instances change: {', '.join(changing[:5])}{' and more' if len(changing) > 5 else ''}" if changing else ""


def _blocked(scale_set: Mapping, seen: Seen) -> str:
    """Return why its capacity is not to be changed now, or nothing."""
    own = str(scale_set.get("id", "")).lower()
    for setting in seen.autoscale:
        properties = setting.get("properties") or {}
        if properties.get("enabled") and str(properties.get("targetResourceUri", "")).lower() == own:
            return f"the autoscale setting {setting.get('name')} is enabled, and would undo it"
    if (scale_set.get("properties") or {}).get("provisioningState") == "Failed":
        return f"its last operation failed ({_trouble(seen.view, []) or 'Azure does not say why'}); mend it first, because another one would repeat that"
    return ""


def _trouble(view: Mapping | None, instances: list[dict]) -> str:
    said = [_errors([status for status in (view or {}).get("statuses") or [] if isinstance(status, Mapping)])]
    said += [f"{instance['name']}: {_why(instance)}" for instance in instances if _is_bad(instance)]
    return "; ".join(text for text in said if text)[:500]


def _why(instance: dict) -> str:
    return instance["message"] or ("its application is not healthy" if instance["state"] == "in_service" else instance["power"] or instance["provisioning"])


def _is_bad(instance: dict) -> bool:
    # It counts in the capacity, also when it is deallocated.
    return instance["state"] == "other" or not (instance["healthy"] or instance["state"] in _ON_THE_WAY)


def _errors(statuses: list[Mapping]) -> str:
    bad = [status for status in statuses if status.get("level") == "Error"]
    return "; ".join(" ".join(f"{_last(status)}: {status.get('message') or status.get('displayStatus') or ''}".split()) for status in bad)


def _last(status: Mapping) -> str:
    return str(status.get("code", "")).rpartition("/")[2]


def _after(status: Mapping, kind: str) -> str:
    """Return what follows the kind in a status' code: running in PowerState/running."""
    first, _slash, rest = str(status.get("code", "")).partition("/")
    return rest.lower() if first.lower() == kind else ""


def _has_health(properties: Mapping) -> bool:
    """Return whether something asks the application of each instance: the extension, or a load balancer's probe."""
    profile = properties.get("virtualMachineProfile") or {}
    extensions = (profile.get("extensionProfile") or {}).get("extensions") or []
    types = [(extension.get("properties") or {}).get("type") for extension in extensions if isinstance(extension, Mapping)]
    return any(kind in _HEALTH_EXTENSIONS for kind in types) or bool((profile.get("networkProfile") or {}).get("healthProbe"))


def _seconds(written: object) -> float | None:
    """Return a time that Azure wrote, with seven digits after the point, as seconds since the epoch."""
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", written).replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None
