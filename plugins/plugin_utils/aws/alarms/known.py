# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of an alarm, as it is remembered: its state, and which of its changes are done with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import OK

Fires = Callable[[str], bool]

# The history and DescribeAlarms write the time of the same change some milliseconds apart.
APART_MILLISECONDS = 5000


class Told(NamedTuple):
    """A change that is done with. `by_state`: DescribeAlarms showed it, and the history may have it yet, at nearly that time."""

    at: int
    state: str
    by_state: bool = False


class Held(NamedTuple):
    """A change that is not told yet; `again` is that of its telling (following.py)."""

    change: Change
    again: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An alarm that came into its state at a time.

    `told` are the changes that may be read once more. `pending` are changes that are not told yet, because later ones are read first: nobody should run for
    an alarm that was over days ago. `details` are those of the alarm while it fires: when it is deleted, nobody else has them.
    """

    type: str
    state: str
    at: int
    told: tuple[Told, ...] = ()
    pending: tuple[Held, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def has_told(self, change: Change) -> bool:
        """Tell whether a change was told, by its very time."""
        return any(told.at == change.at and told.state == change.state for told in self.told)

    def is_done_with(self, change: Change) -> bool:
        """Tell whether a change of the history was read before."""
        return Told(change.at, change.state) in self.told

    def recognised(self, change: Change) -> Known | None:
        """Return what is known when a change of the history was told before; None when it was not.

        What DescribeAlarms showed is one change of the history, at nearly that time. The next one is another.
        """
        if self.is_done_with(change):
            return self
        apart = {number: abs(told.at - change.at) for number, told in enumerate(self.told) if told.by_state and told.state == change.state}
        nearest = min(apart, key=apart.__getitem__, default=None)
        if nearest is None or apart[nearest] > APART_MILLISECONDS:
            return None
        shown = self.told[nearest]._replace(by_state=False)
        read = () if shown.at == change.at else (Told(change.at, change.state),)
        return replace(self, told=(*self.told[:nearest], shown, *read, *self.told[nearest + 1 :]))

    def after(self, change: Change, *, by_state: bool = False) -> Known:
        """Return what is known when a change is done with."""
        told = (*self.told, Told(change.at, change.state, by_state))
        return replace(self, told=told) if change.at < self.at and not by_state else replace(self, state=change.state, at=max(change.at, self.at), told=told)

    def without_told_before(self, at: int) -> Known:
        """Return the same without what is not read again."""
        return replace(self, told=tuple(told for told in self.told if told.at >= at)) if self.told and min(self.told).at < at else self

    def is_needed(self, fires: Fires, *, by_state_only: bool) -> bool:
        """Tell whether anything can follow from this: of an alarm that does not fire nothing needs to be known."""
        return bool(self.told or self.pending) or self.is_watched(fires, by_state_only=by_state_only)

    def is_watched(self, fires: Fires, *, by_state_only: bool) -> bool:
        """Tell whether the end of this state has to be found."""
        return fires(self.state) or (by_state_only and self.state != OK)

    def as_text(self) -> str:
        """Write it."""
        written = {
            "type": self.type,
            "state": self.state,
            "at": self.at,
            "told": self.told,
            "pending": [(asdict(held.change), held.again) for held in self.pending],
            "details": dict(self.details),
        }
        return json.dumps({key: value for key, value in written.items() if value})

    @classmethod
    def from_text(cls, text: str) -> Known:
        """Read what `as_text` wrote."""
        read = json.loads(text)
        return cls(
            type=read["type"],
            state=read["state"],
            at=read["at"],
            told=tuple(Told(*told) for told in read.get("told", ())),
            pending=tuple(Held(Change(**change), again) for change, again in read.get("pending", ())),
            details=read.get("details", {}),
        )


def first_known(change: Change) -> Known:
    """Return what is known of an alarm that nothing was known of, before a change of it is told."""
    return Known(change.type, change.previous or OK, change.at)
