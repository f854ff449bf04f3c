# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes of EBS volumes that take their time, and of which a volume takes only one in six hours; moto's are done at once, and as many as one likes.

"Amazon EBS User Guide": Monitor the progress of volume modifications; Requirements for volume modifications. The codes of errors: "Amazon EC2 API
Reference", Error codes for the Amazon EC2 API.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.elastic_block_store import EBSBackend, Volume, VolumeModification

_init, _modify, _described = VolumeModification.__init__, Volume.modify, EBSBackend.describe_volumes_modifications


@dataclass
class Pace:
    """How changes go, in seconds: until what was added can be used, until it is optimized after that, and from one change to the next."""

    modifying: float = 0.0
    optimizing: float = 0.0
    apart: float = 6 * 3600.0


pace = Pace()


def add_to_moto() -> None:
    """Teach moto's volumes to take their time."""
    VolumeModification.__init__ = begin
    VolumeModification.modification_state = property(_state)
    VolumeModification.progress = property(lambda self: 100 if _state(self) == "completed" else 50)
    Volume.modify = modify
    EBSBackend.describe_volumes_modifications = describe


def begin(self: VolumeModification, *given: Any, **named: Any) -> None:
    """Note when the change began."""
    _init(self, *given, **named)
    self.began = time.monotonic()


def modify(self: Volume, **wanted: Any) -> None:
    """Change a volume, unless it is being changed or was changed a moment ago."""
    newest = self.modifications[-1] if self.modifications else None
    if newest and _state(newest) != "completed":
        text = f"Volume {self.id} cannot be modified in modification state {_state(newest).upper()}"
        raise EC2ClientError("IncorrectModificationState", text)
    if newest and time.monotonic() < newest.began + pace.apart:
        text = "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume."
        raise EC2ClientError("VolumeModificationRateExceeded", text)
    _modify(self, **wanted)


def describe(self: EBSBackend, volume_ids: list[str] | None = None, filters: Any = None) -> list[VolumeModification]:
    """Tell the changes; to ask for a volume that was never changed is an error."""
    found = _described(self, volume_ids, filters)
    missing = [each for each in volume_ids or () if each not in {one.volume_id for one in found}]
    if missing and not filters:
        raise EC2ClientError("InvalidVolumeModification.NotFound", f"Modification for volume '{missing[0]}' does not exist.")
    return found


def _state(change: VolumeModification) -> str:
    passed = time.monotonic() - change.began
    if passed < pace.modifying:
        return "modifying"
    return "optimizing" if passed < pace.modifying + pace.optimizing else "completed"
