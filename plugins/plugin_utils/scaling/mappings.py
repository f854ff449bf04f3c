# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The values of this package as mappings, as which they go through templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.decision import Decision, Scale
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.measured import Measured
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.request import Request
from ansible_collections.eventops.infra.plugins.plugin_utils.scaling.wanted import Bounds, Cooldowns, Exactly, GiveBack, Step, Wanted


def request_as_mapping(request: Request, temporary: str) -> dict:
    """Return a request; `temporary` is the name under which what is added for a time is given back."""
    return {
        "mistakes": [],
        "entry": dict(request.entry),
        "wanted": {"give_back": request.wanted.id} if isinstance(request.wanted, GiveBack) else asdict(request.wanted),
        "bounds": asdict(request.bounds),
        "cooldowns": asdict(request.cooldowns),
        "until": request.until,
        "temporary": temporary if request.until else None,
    }


def measured_as_mapping(measured: Measured) -> dict:
    """Return a measurement with all of its keys."""
    found = asdict(measured)
    return {"min": found.pop("least"), "max": found.pop("most"), **found}


def wanted_of(request: Mapping) -> tuple[Wanted, Bounds, Cooldowns]:
    """Return what a request asks, and what it is bound to."""
    wanted = request["wanted"]
    if "give_back" in wanted:
        asked: Wanted = GiveBack(wanted["give_back"])
    else:
        asked = Exactly(wanted["to"]) if "to" in wanted else Step(wanted["direction"], wanted["by"])
    return asked, Bounds(**request["bounds"]), Cooldowns(**request["cooldowns"])


def decision_as_mapping(decision: Decision) -> dict:
    """Return a decision with its name: scale, leave or refuse."""
    return {"verdict": decision.__class__.__name__.lower(), **(asdict(decision) if isinstance(decision, Scale) else {"why": decision.why})}
