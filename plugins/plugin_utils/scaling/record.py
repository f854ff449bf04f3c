# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written to a group with each change: when, which way, from how many to how many, for which case, and what of it is temporary.

It is kept at the group itself, in a tag, so that every controller, and whoever looks at the group, knows of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.timestamp import from_epoch, in_utc

MOST_TEMPORARY = 8  # a tag of AWS or Azure has 256 characters
_FIRST_IMPOSSIBLE_CASE = 10**18
_ID = r"t[0-9a-f]{8}"
_TEMPORARY = re.compile(rf"({_ID}):([1-9][0-9]{{0,4}})")
_RECORD = re.compile(
    r"time=(?P<time>\S{1,40}) direction=(?P<direction>out|in) from=(?P<before>\d{1,5}) to=(?P<after>\d{1,5})"
    r"(?: case=(?P<case>\d{1,18}))?(?: temporary=(?P<temporary>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Temporary:
    """Instances that somebody gives back later."""

    id: str
    count: int


@dataclass(frozen=True, slots=True)
class Record:
    """The last change that was made."""

    at: float
    direction: str
    before: int
    after: int
    case: int | None = None
    temporary: tuple[Temporary, ...] = ()

    def to_text(self) -> str:
        """Write it as one line of characters that a tag of AWS and of Azure may have."""
        # Without the router anybody may have written the number: one that could not be read again would keep the group from being scaled.
        case = f" case={self.case}" if self.case and 0 < self.case < _FIRST_IMPOSSIBLE_CASE else ""
        temporary = " temporary=" + "/".join(f"{each.id}:{each.count}" for each in self.temporary) if self.temporary else ""
        # Whole seconds: more is of no use, and room is short.
        return f"time={from_epoch(int(self.at))} direction={self.direction} from={self.before} to={self.after}{case}{temporary}"


def read_record(text: str) -> Record | None:
    """Read a record; None where there is none.

    Raises:
        ValueError: the text is no record.
    """
    if not text:
        return None
    found = _RECORD.fullmatch(text)
    temporary = [_TEMPORARY.fullmatch(each) for each in (found["temporary"] or "").split("/") if each] if found else []
    if not found or not all(temporary):
        raise ValueError(f"expected what was written with the last change, such as time=... direction=out from=2 to=3, got {text[:60]!r}")
    at = datetime.fromisoformat(in_utc(found["time"])).timestamp()
    case = int(found["case"]) if found["case"] else None
    return Record(
        at, found["direction"], int(found["before"]), int(found["after"]), case, tuple(Temporary(each[1], int(each[2])) for each in temporary if each)
    )


def is_id(text: object) -> bool:
    """Tell whether a text names something temporary."""
    return isinstance(text, str) and re.fullmatch(_ID, text) is not None


def still_there(record: Record | None, desired: int) -> tuple[Temporary, ...]:
    """Return what of the temporary instances a group still has: where others made it smaller since, the oldest were taken first."""
    return without(record.temporary, record.after - desired) if record else ()


def without(temporary: tuple[Temporary, ...], count: int) -> tuple[Temporary, ...]:
    """Return what is left of temporary instances when so many are taken away, the oldest first."""
    left, rest = [], max(count, 0)
    for each in temporary:
        taken = min(each.count, rest)
        rest -= taken
        if each.count > taken:
            left.append(Temporary(each.id, each.count - taken))
    return tuple(left)
