# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A virtual machine scale set: look at it, and change its capacity and one of its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.eventops.infra.plugins.module_utils.azure.resource_manager import ResourceManager, ResourceManagerError

COMPUTE_API = "2024-07-01"  # the first with the etag of a scale set, and what azure.azcollection asks with
INSIGHTS_API = "2022-10-01"
RECORD = "eventops:scale"
_SCALE_SETS = ("Microsoft.Compute", "virtualMachineScaleSets")


@dataclass(frozen=True)
class Seen:
    """What one look at a scale set found, as Azure says it.

    Attributes:
        scale_set: itself.
        instances: as its own list has them.
        machines: the same as virtual machines, where it is a flexible one; else none.
        autoscale: the settings of autoscale in its resource group.
        upgrade: its latest rolling upgrade.
        view: its instance view, where the last operation failed.
    """

    scale_set: Mapping
    instances: list[dict] = field(default_factory=list)
    machines: list[dict] = field(default_factory=list)
    autoscale: list[dict] = field(default_factory=list)
    upgrade: dict | None = None
    view: dict | None = None


class ScaleSet:
    """One scale set."""

    def __init__(self, azure: ResourceManager, resource_group: str, name: str) -> None:
        self._azure, self._group, self._name = azure, resource_group, name
        self._path = azure.path(resource_group, *_SCALE_SETS, name)

    def look(self) -> Seen:
        """Return all that says whether it can be scaled, and where it stands."""
        found = self._get()
        properties = found.get("properties") or {}
        is_flexible = properties.get("orchestrationMode") == "Flexible"
        failed = properties.get("provisioningState") == "Failed"
        autoscale = self._azure.path(self._group, "Microsoft.Insights", "autoscalesettings")
        return Seen(
            scale_set=found,
            instances=self._instances(is_flexible),
            machines=self._machines(found["id"]) if is_flexible else [],
            autoscale=self._azure.get_all(autoscale, INSIGHTS_API),
            upgrade=self._azure.find(f"{self._path}/rollingUpgrades/latest", COMPUTE_API) if _can_roll(properties) else None,
            view=self._azure.get(f"{self._path}/instanceView", COMPUTE_API) if failed else None,
        )

    def resize(self, capacity: int, expected: int, record: str | None, *, check: bool = False) -> dict:
        """Set the capacity, and the record as a tag, in one request; return the old and the new ones.

        Only the capacity and the tags are sent: what is not, stays. Tags are replaced as a whole, so those that are there are sent again.

        Args:
            capacity: instances that it is to have.
            expected: what it has now; another is refused.
            record: the value of the tag; None leaves it.
            check: only say what would change.

        Raises:
            ResourceManagerError: it is not as expected, or Azure refused.
        """
        found = self._get()
        before, tags = found["sku"]["capacity"], found.get("tags") or {}
        wanted = dict(tags) if record is None else {**tags, RECORD: record}
        told = {"before": before, "after": capacity, "record": wanted.get(RECORD, ""), "changed": before != capacity or tags != wanted}
        if before != expected:
            raise ResourceManagerError(f"{self._name} was to have {expected} instances before the change, but Azure says {before}: somebody else scaled it")
        if told["changed"] and not check:
            body = {"sku": {"capacity": capacity}} | ({"tags": wanted} if tags != wanted else {})
            self._patch(body, found.get("etag"))
        return told

    def _patch(self, body: dict, etag: str | None) -> None:
        try:
            self._azure.patch(self._path, COMPUTE_API, body, etag)
        except ResourceManagerError as error:
            if error.status != 412 or not self._is_done(body):
                raise

    def _is_done(self, body: dict) -> bool:
        # A request whose answer was lost is sent again, and then finds the etag changed by itself.
        found = self._get()
        return found["sku"]["capacity"] == body["sku"]["capacity"] and "tags" in body and found.get("tags") == body["tags"]

    def _get(self) -> dict:
        found = self._azure.find(self._path, COMPUTE_API)
        if found is None:
            raise ResourceManagerError(
                f"there is no scale set {self._name} in the resource group {self._group} of the subscription {self._azure.subscription}", 404
            )
        if not isinstance((found.get("sku") or {}).get("capacity"), int):
            raise ResourceManagerError(f"{self._name} has no capacity (sku.capacity): a scale set without a profile of its instances is not scaled by Azure")
        return found

    def _instances(self, is_flexible: bool) -> list[dict]:
        # Of a flexible one this list does not say how the instances are, only which are protected.
        expand = {} if is_flexible else {"expand": "instanceView"}
        return self._azure.get_all(f"{self._path}/virtualMachines", COMPUTE_API, **expand)

    def _machines(self, identifier: str) -> list[dict]:
        path = self._azure.path(self._group, "Microsoft.Compute", "virtualMachines")
        return self._azure.get_all(path, COMPUTE_API, filter=f"'virtualMachineScaleSet/id' eq '{identifier}'", expand="instanceView")


def _can_roll(properties):
    policy = properties.get("upgradePolicy") or {}
    return policy.get("mode") == "Rolling" or bool((policy.get("automaticOSUpgradePolicy") or {}).get("enableAutomaticOSUpgrade"))
