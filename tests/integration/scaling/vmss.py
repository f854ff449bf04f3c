# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A scale set at the double of Azure, and the real ansible-playbook that scales it with the real azure.azcollection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.eventops.infra.tests.doubles.azure import Running
from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site


class Vmss:
    """A scale set whose instances have been there for long, and an inventory that lets it be scaled."""

    def __init__(self, azure: Running, site: Site, python: Path, size: int = 2, **properties: Any) -> None:
        self.azure, self.site, self.python = azure, site, python
        site.seconds = 600  # of a processor it takes 30, of a busy machine ten times as long
        self.scale_set = azure.add_scale_set("web", size, **properties)
        self.inventory()

    def inventory(self, **entry: Any) -> None:
        """Write the inventory."""
        known = {"name": "shop", "provider": "azure", "group": "web", "resource_group": "shop", "python": str(self.python)}
        bounds = {"min": 1, "max": 5, "cooldown": 300, "wait": 60}
        self.site.inventory({"localhost": {"scale_groups": [known | bounds | entry], "scale_interval": 1}})

    def scale(self, *options: str, **variables: Any) -> Run:
        """Run the playbook."""
        return self.site.play("eventops.infra.scale", *options, limit="localhost", variables={"scale_group": "shop"} | variables, **self.azure.environment)
