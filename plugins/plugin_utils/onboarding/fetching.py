# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fetch from the router what was too long for the dispatch: the newest event of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.neutralize import neutralize
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.client import Router

from .documented import Documented, NotDocumented, is_of_netbox, read


def fetch(case: int, router: Router) -> Documented:
    """Return what the newest event of a case says. Raises RouterError and NotDocumented."""
    cases = router.post("/find", {"ids": [case], "story": True, "limit": 1})["cases"]
    events: list[Any] = [each.get("event") for each in cases[0].get("events", ())] if cases else []
    event = next((event for event in events if is_of_netbox(event) and isinstance(event.get("data"), Mapping) and "object" in event["data"]), None)
    if event is None:
        raise NotDocumented(f"the object is too long for the event, and case {case} of the router has none either: run the playbook by hand for the host")
    return read(event["type"], neutralize(event["data"])[0])
