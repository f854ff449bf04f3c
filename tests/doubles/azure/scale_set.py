# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A scale set and its instances: what they are, and what becomes of them when the capacity changes."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from .instance import Instance

API = "2024-07-01"
_ZONE_OF_IDS = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute"


@dataclass
class Operation:
    """One that takes its time."""

    name: str
    started: float
    ends: float
    result: Callable[[], None]
    status: str = "InProgress"
    error: dict | None = None


class ScaleSet:
    """A scale set.

    Args:
        subscription: its subscription's id.
        group: its resource group.
        name: its own.
        capacity: instances that it has to begin with.
        changes: to its model, merged in.
        health: what an application health extension says of instances that came up; empty for no extension.
        clock: returns the time, in seconds since the epoch.
    """

    def __init__(
        self, subscription: str, group: str, name: str, capacity: int, changes: Mapping, health: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self._base = _ZONE_OF_IDS.format(subscription=subscription, group=group)
        self._clock, self._health = clock, health
        self._numbers, self._versions, self._operation_names = itertools.count(), itertools.count(1), itertools.count(1)
        self.group, self.name, self.id = group, name, f"{self._base}/virtualMachineScaleSets/{name}"
        self.model = merged(_model(self.id, name, capacity, health), changes)
        self.etag = f'"{next(self._versions)}"'
        self.state = "Succeeded"
        self.failure: dict | None = None
        self.upgrade = ""  # of the latest rolling upgrade; empty when there was none
        self.seconds = 0.1
        self.operation_fails: tuple[str, str] | None = None
        self.operations: dict[str, Operation] = {}
        self._foreign = False
        self.instances: list[Instance] = []
        for _number in range(capacity):
            self._create(created=clock() - 86400).state = "Succeeded"
        self._bring_up(self.instances)

    @property
    def capacity(self) -> int:
        """How many instances it is to have."""
        return self.model["sku"]["capacity"]

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return self.model["tags"]

    @property
    def names(self) -> list[str]:
        """The names of its instances."""
        return [instance.name for instance in self.instances]

    @property
    def is_flexible(self) -> bool:
        """Whether its instances are ordinary virtual machines."""
        return self.model["properties"]["orchestrationMode"] == "Flexible"

    def instance(self, name: str) -> Instance:
        """Return the instance of that name."""
        return next(instance for instance in self.instances if instance.name == name)

    def begin(self) -> None:
        """Begin an operation of somebody else."""
        self._foreign = True

    def end(self) -> None:
        """End it."""
        self._foreign = False

    @property
    def is_busy(self) -> bool:
        """Whether an operation goes on."""
        return self._foreign or any(operation.status == "InProgress" for operation in self.operations.values())

    def go_on(self) -> None:
        """Let time pass: finish what is over."""
        for operation in self.operations.values():
            if operation.status == "InProgress" and self._clock() >= operation.ends:
                operation.status = "Failed" if operation.error else "Succeeded"
                operation.result()

    def patch(self, body: Mapping) -> Operation:
        """Merge what is given into the model, and begin to follow it. Tags are replaced as a whole."""
        # Instances follow the capacity as the model has it, so whatever else is given stays in the model and is seen there.
        self.model = merged({**self.model, **({"tags": {}} if "tags" in body else {})}, body)
        self.etag = f'"{next(self._versions)}"'
        leaving, coming, extra = self._resize()
        error = {"code": self.operation_fails[0], "message": self.operation_fails[1]} if self.operation_fails else None
        self.operation_fails = None

        def finish() -> None:
            self.etag = f'"{next(self._versions)}"'
            self.failure, self.state = error, "Failed" if error else "Succeeded"
            self.instances = [instance for instance in self.instances if instance not in leaving and instance not in extra]
            if error:
                for instance in coming:
                    instance.state = "Failed"
            else:
                self._bring_up(coming)

        started = self._clock()
        operation = Operation(f"operation-{next(self._operation_names)}", started, started + self.seconds, finish, error=error)
        self.operations[operation.name] = operation
        return operation

    def shown(self) -> dict:
        """Return it as the API shows it."""
        shown = copy.deepcopy(self.model) | {"etag": self.etag}
        shown["properties"]["provisioningState"] = "Updating" if self.is_busy else self.state
        return shown

    def shown_instance(self, instance: Instance, is_expanded: bool) -> dict:
        """Return an instance as the scale set's own list shows it: of a flexible one little, because it is a virtual machine."""
        shown: dict = {"id": f"{self.id}/virtualMachines/{instance.number}", "name": instance.name, "instanceId": str(instance.number), "properties": {}}
        shown |= {"type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines", "location": "westeurope", "sku": dict(self.model["sku"], capacity=None)}
        if instance.protection:
            shown["properties"]["protectionPolicy"] = instance.protection
        if self.is_flexible:
            return shown | {"id": f"{self.id}/virtualMachines/{instance.name}", "instanceId": instance.name}
        shown["properties"] |= {"latestModelApplied": True, "provisioningState": instance.state, "timeCreated": _written(instance.created)}
        if is_expanded:
            shown["properties"]["instanceView"] = instance.view()
        return shown

    def shown_machine(self, instance: Instance) -> dict:
        """Return an instance of a flexible one as the list of virtual machines shows it."""
        properties = {"provisioningState": instance.state, "timeCreated": _written(instance.created), "instanceView": instance.view()}
        properties["virtualMachineScaleSet"] = {"id": self.id}
        identifier = f"{self._base}/virtualMachines/{instance.name}"
        return {"id": identifier, "name": instance.name, "type": "Microsoft.Compute/virtualMachines", "location": "westeurope", "properties": properties}

    def view(self) -> dict:
        """Return its instance view: how the last operation ended."""
        if self.failure:
            code, level, message = f"ProvisioningState/failed/{self.failure['code']}", "Error", self.failure["message"]
            return {"statuses": [{"code": code, "level": level, "displayStatus": "Provisioning failed", "message": message}]}
        return {"statuses": [{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}]}

    def _resize(self) -> tuple[list[Instance], list[Instance], list[Instance]]:
        """Begin to delete or to create; return what goes, what comes, and what came only to be quick."""
        missing = self.capacity - len(self.instances)
        if missing < 0:
            leaving = self._chosen()[:-missing]
            for instance in leaving:
                instance.state, instance.power = "Deleting", "stopping"
            return leaving, [], []
        coming = [self._create(self._clock()) for _number in range(missing)]
        is_more = bool(missing) and self.model["properties"].get("overprovision", False)
        return [], coming, [self._create(self._clock())] if is_more else []

    def _chosen(self) -> list[Instance]:
        """Return the instances that a scale-in may take, in its order. What Azure does when they are too few is not documented."""
        rule = (self.model["properties"].get("scaleInPolicy", {}).get("rules") or ["Default"])[0]
        free = [instance for instance in self.instances if not instance.is_protected]
        # Default balances zones and fault domains, which the double has not, and then takes the highest instance id.
        return sorted(free, key=lambda instance: instance.number, reverse=rule != "OldestVM")

    def _create(self, created: float) -> Instance:
        number = next(self._numbers)
        made = Instance(number, f"{self.name}_{number:08x}" if self.is_flexible else f"{self.name}_{number}", created)
        self.instances.append(made)
        return made

    def _bring_up(self, instances: list[Instance]) -> None:
        for instance in instances:
            instance.state, instance.power, instance.health = "Succeeded", "running", self._health


def merged(old: Mapping, new: Mapping) -> dict:
    """Return a mapping with another merged into it (JSON Merge Patch, RFC 7396)."""
    out = copy.deepcopy(dict(old))
    for key, value in new.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, Mapping):
            out[key] = merged(out[key] if isinstance(out.get(key), Mapping) else {}, value)
        else:
            out[key] = copy.deepcopy(value)
    return out


def _model(identifier: str, name: str, capacity: int, health: str) -> dict:
    extension = {"name": "health", "properties": {"publisher": "Microsoft.ManagedServices", "type": "ApplicationHealthLinux", "settings": {"port": 80}}}
    profile = {
        "osProfile": {"computerNamePrefix": name, "adminUsername": "operator"},
        "storageProfile": {
            "imageReference": {"publisher": "debian", "offer": "debian-12", "sku": "12-gen2", "version": "latest"},
            "osDisk": {"createOption": "FromImage", "caching": "None", "managedDisk": {"storageAccountType": "Premium_LRS"}},
        },
        "extensionProfile": {"extensions": [extension] if health else []},
    }
    properties = {
        "singlePlacementGroup": False,
        "orchestrationMode": "Uniform",
        "upgradePolicy": {"mode": "Manual"},
        "overprovision": False,
        "platformFaultDomainCount": 5,
        "uniqueId": "6c9d0a5e-0000-4000-8000-000000000001",
        "virtualMachineProfile": profile,
    }
    sku = {"name": "Standard_D2s_v5", "tier": "Standard", "capacity": capacity}
    return {
        "id": identifier,
        "name": name,
        "type": "Microsoft.Compute/virtualMachineScaleSets",
        "location": "westeurope",
        "tags": {},
        "sku": sku,
        "properties": properties,
    }


def _written(seconds: float) -> str:
    # Azure writes seven digits after the point.
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")
