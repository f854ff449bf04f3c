# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet of instances that a program measures and another one sets: real programs, and files for what they know."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from ansible_collections.eventops.infra.tests.integration.roles.site import Run, Site

_MEASURE = """
import json, pathlib, time
place = pathlib.Path({place!r})
state = json.loads(place.joinpath("state.json").read_text())
place.joinpath("calls").open("a").write("measure\\n")
reached = state["instances"] if time.time() >= state.get("ready_at", 0) else state["before"]
print(json.dumps({{"desired": state["desired"], "instances": reached, **state.get("others", {{}})}}))
"""
_SET = """
import json, pathlib, sys, time
place = pathlib.Path({place!r})
state = json.loads(place.joinpath("state.json").read_text())
place.joinpath("calls").open("a").write("set " + " ".join(sys.argv[1:]) + "\\n")
if state.get("fails"):
    sys.exit(state["fails"])
to = int(sys.argv[1].partition("=")[2])
names = [f"node-{{number}}" for number in range(1, to + 1)]
state.update(before=state["instances"], instances=names, desired=to, ready_at=time.time() + state.get("takes", 0))
place.joinpath("state.json").write_text(json.dumps(state))
time.sleep(state.get("says_so_in", 0))
"""


class Fleet:
    """A fleet of a site, with as many instances as it has at first."""

    def __init__(self, site: Site, size: int, **state: Any) -> None:
        self.site = site
        self.place = site.directory / "a fleet"
        self.state({"desired": size, "instances": [f"node-{number}" for number in range(1, size + 1)], **state})
        self._measure = site.write("a fleet/measure.py", _MEASURE.format(place=str(self.place)))
        self._set = site.write("a fleet/set.py", _SET.format(place=str(self.place)))

    def state(self, changed: dict | None = None) -> dict:
        """Return what the fleet is; first change it where that is asked for."""
        file = self.place / "state.json"
        now = json.loads(file.read_text()) if file.exists() else {}
        if changed:
            now |= changed
            self.site.write("a fleet/state.json", json.dumps(now))
        return now

    @property
    def calls(self) -> list[str]:
        """Return what was called, with its arguments."""
        log = self.place / "calls"
        return log.read_text().splitlines() if log.exists() else []

    @property
    def sets(self) -> list[str]:
        """Return the calls that set the capacity."""
        return [call for call in self.calls if call.startswith("set")]

    def entry(self, **others: Any) -> dict:
        """Return what an operator writes into the inventory of it."""
        programs = {"measure": [sys.executable, str(self._measure)], "set": [sys.executable, str(self._set), "size={to}"]}
        return {"name": "fleet", "provider": "command", "min": 1, "max": 5, "cooldown": 300, "wait": 20} | programs | others

    def inventory(self, **entry: Any) -> None:
        """Write the inventory."""
        self.site.inventory({"localhost": {"scale_groups": [self.entry(**entry)], "scale_interval": 1}})

    def scale(self, *options: str, **variables: Any) -> Run:
        """Run the playbook."""
        return self.site.play("eventops.infra.scale", *options, limit="localhost", variables={"scale_group": "fleet"} | variables)

    def asked(self, **entry: Any) -> dict:
        """Return variables that ask for one instance more of a fleet with such an entry; what is None is left out of it."""
        written = {key: value for key, value in self.entry(**entry).items() if value is not None}
        return {"scale_groups": [written], "scale_group": written["name"], "scale_direction": "out"}

    def age_the_record(self, seconds: float) -> None:
        """Let the last change have been made so much earlier."""
        file = self.record
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))
        file.write_text(" ".join(f"time={when}" if word.startswith("time=") else word for word in file.read_text().split(" ")))

    @property
    def record(self) -> Any:
        """Return the file in which the last change is written down."""
        return self.site.directory.parent / "store.db.d" / "scale" / "fleet"
