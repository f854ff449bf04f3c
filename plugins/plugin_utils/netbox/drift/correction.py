# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make NetBox say what was measured: what is to be changed, and the note that a reader of NetBox finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.values import CORRECTABLE, DIFFERS, VIRTUAL_MACHINE, Documented, Finding

_PATHS = {VIRTUAL_MACHINE: "/api/virtualization/virtual-machines/", "dcim.device": "/api/dcim/devices/"}


class ReadsAndWrites(Protocol):
    """What is needed of NetBox's API."""

    def all(self, path: str, parameters: Sequence[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield all objects that fit."""

    def write(self, method: str, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """Create or change one object."""


@dataclass(frozen=True)
class Correction:
    """What is to be changed in NetBox: `values` as the API takes them, `before` and `after` as people read them, and why some fields stay."""

    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)


def plan(netbox: ReadsAndWrites, documented: Documented, findings: Iterable[Finding], fields: Sequence[str]) -> Correction:
    """Decide what is corrected of what differs. Looks the platform up, which must be there: none is created. Raises what the API raises."""
    values, before, after, left = {}, {}, {}, {}
    for finding in findings:
        if finding.state != DIFFERS or finding.field not in fields or finding.field not in CORRECTABLE:
            continue
        if finding.proposed is None:
            left[finding.field] = finding.note
            continue
        value, shown = finding.proposed, finding.proposed
        if finding.field == "platform":
            platform = _platform(netbox, finding.proposed)
            if platform is None:
                names = " or ".join(finding.proposed)
                left["platform"] = f"NetBox has no platform with the name or slug {names}: create it, or say in the mapping which is meant"
                continue
            value, shown = platform["id"], platform["name"]
        elif finding.field == "disk":
            value = max(1, round(value / documented.disk_unit_mb))
        values[finding.field], before[finding.field], after[finding.field] = value, finding.documented, shown
    return Correction(values, before, after, left)


def carry_out(netbox: ReadsAndWrites, documented: Documented, correction: Correction, host: str) -> None:
    """Change the object, then note it in its journal. Raises what the API raises; of the journal, after the change was made."""
    netbox.write("PATCH", f"{_PATHS[documented.kind]}{documented.id}/", dict(correction.values))
    entry = {"assigned_object_type": documented.kind, "assigned_object_id": documented.id, "kind": "info", "comments": journal_text(correction, host)}
    netbox.write("POST", "/api/extras/journal-entries/", entry)


def journal_text(correction: Correction, host: str) -> str:
    """Write what was corrected, as NetBox's journal shows it (Markdown). Of the host's own it holds numbers alone; names are NetBox's."""
    changes = [f"{name} from {_shown(correction.before[name], name)} to {_shown(value, name)}" for name, value in correction.after.items()]
    return f"Corrected to what was measured on the host `{host}` (eventops.infra.netbox_drift): {'; '.join(changes)}."


def _shown(value: Any, field: str) -> str:
    if value is None:
        return "nothing"
    unit = " MB" if field in ("memory", "disk") else ""
    return f"{int(value) if isinstance(value, float) and value.is_integer() else value}{unit}"


def _platform(netbox: ReadsAndWrites, names: Sequence[str]) -> Mapping[str, Any] | None:
    for key in ("name", "slug"):
        found = [each for each in netbox.all("/api/dcim/platforms/", [(key, name) for name in names]) if each.get(key) in names]
        if found:
            return min(found, key=lambda each: names.index(each[key]))
    return None
