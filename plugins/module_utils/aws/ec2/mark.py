# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is written on an instance that must not be forgotten when a run is killed in the middle, and when it is believed.

Whoever may write tags can write it, so it counts for a run's time only, and where what AWS itself says agrees with it.
"""

from __future__ import annotations

import calendar
import re
import time
from dataclasses import dataclass

from ansible_collections.eventops.infra.plugins.module_utils.aws.ec2.arguments import LONGEST_SECONDS

TAG = "eventops:remediate"
STOPPING = "stop_start"  # followed by the group that had to put it on standby, if any
REPLACING = "replace"  # followed by the group, whose own tag may go with the instance
BELIEVED_SECONDS = LONGEST_SECONDS  # that is how long a step can take
_AHEAD_SECONDS = 60  # between the clocks of AWS's own machines
_FORM = "%Y-%m-%dT%H:%M:%SZ"
# Amazon EC2 API Reference, "Instance", stateTransitionReason: User initiated (2026-01-31 12:00:00 GMT)
_TIME = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")


@dataclass(frozen=True)
class Mark:
    """A step that was begun, when (in seconds since the epoch, by AWS's clock), and the group that is concerned, if any."""

    step: str
    at: float
    group: str = ""

    @property
    def text(self) -> str:
        """The value of the tag."""
        return f"{self.step} {time.strftime(_FORM, time.gmtime(self.at))} {self.group}".rstrip()


def read(text: str) -> Mark | None:
    """Read the value of the tag; None when it is none of ours."""
    step, _space, rest = text.partition(" ")
    written, _space, group = rest.partition(" ")
    at = _seconds(written, _FORM)
    return Mark(step, at, group) if step in (STOPPING, REPLACING) and at is not None else None


def doubt(mark: Mark, state: str, transition: str, now: float) -> str:
    """Say why a mark does not count, for people; empty when it does.

    Args:
        state: of the instance.
        transition: why it is in this state, as DescribeInstances says (StateTransitionReason); that of a stop has its time.
        now: by AWS's clock.
    """
    if not now - BELIEVED_SECONDS <= mark.at <= now + _AHEAD_SECONDS:
        return f"only a time within the last {BELIEVED_SECONDS} s counts"
    if mark.step != STOPPING or state not in ("stopping", "stopped"):
        return ""
    found = _TIME.search(transition)
    stopped = _seconds(found[1], "%Y-%m-%d %H:%M:%S") if found else None
    if stopped is None:
        return "AWS does not say when the instance was stopped"
    return "" if stopped >= int(mark.at) else "the instance was stopped before that"


def _seconds(written, form):
    try:
        return calendar.timegm(time.strptime(written, form))
    except ValueError:
        return None
