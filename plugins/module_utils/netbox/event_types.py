# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The types of events of a rule, as NetBox 4.0 knows them: a switch for each."""

from __future__ import annotations

from collections.abc import Iterable

OF_OBJECTS = ("object_created", "object_updated", "object_deleted")
_SWITCHES = {
    "type_create": ("object_created",),
    "type_update": ("object_updated",),
    "type_delete": ("object_deleted",),
    "type_job_start": ("job_started",),
    "type_job_end": ("job_completed", "job_failed", "job_errored"),
}


def switches(event_types: Iterable[str]) -> dict[str, bool]:
    """Return the fields by which NetBox 4.0 says what `event_types` says from 4.1 on."""
    wanted = frozenset(event_types)
    return {switch: bool(wanted.intersection(types)) for switch, types in _SWITCHES.items()}
