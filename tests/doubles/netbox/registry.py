# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All types of objects, by their names and by their paths."""

from __future__ import annotations

from . import models_dcim, models_extras, models_ipam, models_users, models_virtualization
from .model import Model

MODELS: dict[str, Model] = {
    model.type: model for part in (models_dcim, models_virtualization, models_ipam, models_extras, models_users) for model in part.MODELS
}
BY_PATH: dict[str, Model] = {model.path: model for model in MODELS.values()}
# Asked for by NetBox's inventory plugin, among others; the double has none of them.
EMPTY = ("dcim/racks", "dcim/rack-roles", "dcim/virtual-chassis", "ipam/prefixes", "ipam/services", "ipam/vlans", "virtualization/virtual-disks",
         "tenancy/contacts", "dcim/mac-addresses", "extras/custom-field-choice-sets")  # fmt: skip


def model_named(name: str) -> Model:
    """Return a type by its name ("virtualization.virtualmachine") or its path ("virtualization/virtual-machines")."""
    return MODELS.get(name) or BY_PATH[name.strip("/")]
