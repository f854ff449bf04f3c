# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance of a scale set, as Azure shows it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Instance:
    """A virtual machine of a scale set."""

    number: int
    name: str
    created: float
    state: str = "Creating"  # provisioningState
    power: str = "starting"
    health: str = ""  # healthy, unhealthy, unknown; empty without an extension
    protection: dict[str, bool] = field(default_factory=dict)

    @property
    def is_protected(self) -> bool:
        """Whether a scale-in passes it by."""
        return any(self.protection.get(name) for name in ("protectFromScaleIn", "protectFromScaleSetActions"))

    def statuses(self) -> list[dict]:
        """Return the statuses of its instance view."""
        provisioning = {"code": f"ProvisioningState/{self.state.lower()}", "level": "Info", "displayStatus": f"Provisioning {self.state.lower()}"}
        if self.state == "Failed":
            provisioning |= {"code": "ProvisioningState/failed/VMExtensionProvisioningError", "level": "Error", "message": "The extension web failed."}
        return [provisioning, {"code": f"PowerState/{self.power}", "level": "Info", "displayStatus": f"VM {self.power}"}]

    def view(self) -> dict:
        """Return its instance view."""
        view: dict = {"statuses": self.statuses()}
        if self.health:
            view["vmHealth"] = {"status": {"code": f"HealthState/{self.health}", "level": "Info", "displayStatus": f"The VM is {self.health}"}}
        return view
