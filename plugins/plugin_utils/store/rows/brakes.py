# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds dispatches back: pauses and the storm."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from pathlib import Path

from ..statements import statements
from ..values import PAUSE_BEGAN, PAUSE_ENDED, ROUTER, STORM_BEGAN, STORM_ENDED, STORM_RELEASED, Change, Pause, Storm
from .connected import Connected

_SQL = statements(Path(__file__).with_suffix(".sql"))


class Brakes(Connected):
    """See `interface.Transaction`."""

    def add_pause(self, pause: Pause) -> Pause:
        cursor = self._do(_SQL["insert_pause"], (json.dumps(dict(pause.match)), pause.since, pause.by, pause.why, pause.until))
        added = replace(pause, id=cursor.lastrowid)
        self.changes.append(Change(pause.since, PAUSE_BEGAN, pause.why, pause.by, pause=added))
        return added

    def pauses(self, now: float) -> list[Pause]:
        return [Pause(json.loads(match), *others) for match, *others in self._do(_SQL["holding"], (now,))]

    def end_pause(self, pause_id: int, *, by: str, now: float) -> None:
        ended = next((pause for pause in self.pauses(now) if pause.id == pause_id), None)
        if ended is None:
            raise KeyError(f"no pause {pause_id} holds now")
        self._do(_SQL["end_pause"], (pause_id,))
        self.changes.append(Change(now, PAUSE_ENDED, ended.why, by, pause=ended))

    def storm(self) -> Storm | None:
        row = self._do(_SQL["storm"]).fetchone()
        return Storm(*row) if row else None

    def save_storm(self, storm: Storm | None, *, by: str = ROUTER, now: float) -> None:
        before = self.storm()
        if storm is None:
            self._do(_SQL["end_storm"])
        else:
            self._do(_SQL["put_storm"], astuple(storm))
        if (action := _what_happened(before, storm)) is not None:
            self.changes.append(Change(now, action, by=by, storm=storm or before))


def _what_happened(before: Storm | None, after: Storm | None) -> str | None:
    if after is None:
        return STORM_ENDED if before else None
    if before is None:
        return STORM_BEGAN
    return STORM_RELEASED if after.released_by and not before.released_by else None
