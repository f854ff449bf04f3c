# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act 2: a service that cannot be started; three attempts with growing waits, then a person is called."""

from __future__ import annotations

import json
from collections.abc import Iterator

from acts.outage import Outage
from claims import Claim
from stage import BACKOFF_SECONDS, Stage

ATTEMPTS = 3
_JITTER = 0.1  # the router's default


class GivenUp:
    """A service whose start command fails."""

    title = "2. A service is killed that cannot be started"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.outage = Outage(stage, stage.services["orders-01"])

    async def play(self) -> None:
        """Break it, kill it, and wait until a person has been called."""
        stage, service = self.stage, self.outage.service
        service.cannot_start()
        await self.outage.begin()
        for number in range(1, ATTEMPTS + 1):
            await stage.until(lambda number=number: len(self.outage.attempts) >= number, f"{self.outage.host}: attempt {number} begins")
        await self.outage.reaches("exhausted")
        await stage.until(self._told, f"{self.outage.host}: the escalation is written to {stage.escalations.name}")
        await stage.until(self._call_is_over, f"{self.outage.host}: the case of the escalation is closed")
        told = self._told()
        stage.timeline.tell(self.outage.host, f"{stage.escalations.name} now has the story of case {told['case']}, {told['name']}, {told['attempts']} attempts")

    def claims(self) -> Iterator[Claim]:
        """Say what was claimed and whether it held."""
        outage, host, case = self.outage, self.outage.host, self.outage.case
        failed = [run for run in outage.records.runs(case) if run.status == "failed"] if case else []
        starts = outage.service.starts - 1  # one was before the act
        yield Claim(f"{host} was tried {ATTEMPTS} times", len(outage.attempts) == len(failed) == starts == ATTEMPTS, f"{starts} starts")
        waits = outage.waits
        grew = len(waits) == ATTEMPTS - 1 and all(BACKOFF_SECONDS * (1 - _JITTER) <= before < after for before, after in zip(waits, waits[1:]))
        yield Claim("the waits between the attempts grew", grew, waits)
        told = self._told()
        story = [row["to"] for row in told["history"] if row["to"] != row["from"]] if told else []  # a note of the playbook is no step
        yield Claim(
            f"after that a person was called, once, with the story of {host}",
            len(self.stage.calls()) == 1 and case is not None and case.state == "exhausted" and story.count("dispatched") == ATTEMPTS,
            self.stage.calls(),
        )
        yield Claim(f"{host} is still down", host not in self.stage.answering_at_the_end)

    def _told(self) -> dict | None:
        """Return the story that was written down for a person."""
        stories = (json.loads(line)["data"] for line in self.stage.calls())
        return next((story for story in stories if story["hosts"] == [self.outage.host]), None)

    def _call_is_over(self) -> bool:
        case = self.outage.records.case("case.exhausted", self.outage.host)
        return case is not None and case.state in ("resolved", "exhausted")
