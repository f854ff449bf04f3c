# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Status checks of EC2 that fail, and what makes them well again; with moto they always pass while an instance runs.

The values: Amazon EC2 API Reference, "InstanceStatusSummary".
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.ec2.models.instances import Instance

from . import times

_start, _stop, _reboot = Instance.start, Instance.stop, Instance.reboot
CHECKS = ("instance", "system")
CURES = ("reboot", "stop", "never")
_RUNNING = 16


@dataclass
class Failure:
    """A check that fails: since when, and what clears it: `reboot` (a stop and start does, too), `stop` (with a start), or `never`."""

    since: datetime
    cleared_by: str


@dataclass
class Pace:
    """How long checks are initializing after a start or a reboot, in seconds."""

    initializing: float = 0.0


pace = Pace()
_failures: dict[tuple[str, str], Failure] = {}
_initializing_until: dict[str, float] = {}


def add_to_moto() -> None:
    """Teach moto's instances to fail their checks."""
    Instance.instance_status = property(lambda self: _status(self, "instance"))
    Instance.system_status = property(lambda self: _status(self, "system"))
    Instance.reboot, Instance.stop, Instance.start = reboot, stop, start


def fail(instance_id: str, check: str, cleared_by: str) -> None:
    """Let a check fail from now on."""
    if check not in CHECKS or cleared_by not in CURES:
        raise ValueError(f"check is one of {CHECKS} and cleared_by one of {CURES}, got {check!r} and {cleared_by!r}")
    _failures[instance_id, check] = Failure(times.now(), cleared_by)


def reboot(self: Instance) -> None:
    """Reboot, and let what a reboot cures be well; the system, which is AWS's own host, stays the same."""
    _reboot(self)
    _clear(self.id, ("reboot",))
    _initialize(self)


def stop(self: Instance) -> Any:
    """Stop; what a stop and start cures is well as soon as it is started again."""
    return _stop(self)


def start(self: Instance) -> Any:
    """Start, on another host when it was stopped."""
    if self.state == "stopped":
        _clear(self.id, ("reboot", "stop"))
    previous = _start(self)
    _initialize(self)
    return previous


def forget() -> None:
    """Forget everything."""
    _failures.clear()
    _initializing_until.clear()


def _initialize(instance: Instance) -> None:
    _initializing_until[instance.id] = time.monotonic() + pace.initializing


def _clear(instance_id: str, cures: Iterable[str]) -> None:
    for check in CHECKS:
        if (instance_id, check) in _failures and _failures[instance_id, check].cleared_by in cures:
            del _failures[instance_id, check]


def _status(instance: Instance, check: str) -> dict[str, Any]:
    if instance.state_code != _RUNNING:
        return {"Status": "not-applicable"}
    if time.monotonic() < _initializing_until.get(instance.id, 0.0):
        return {"Status": "initializing", "Details": [{"Name": "reachability", "Status": "initializing"}]}
    failure = _failures.get((instance.id, check))
    if failure is None:
        return {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    return {"Status": "impaired", "Details": [{"Name": "reachability", "Status": "failed", "ImpairedSince": failure.since}]}
