# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One service that is killed, and when it was seen to be down, up again and confirmed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ledger import Records, Row
from services import Service
from stage import Stage
from timeline import BAD, GOOD

FIRING = "alert.firing"


@dataclass
class Outage:
    """The times are seconds since the epoch, None until it has happened."""

    stage: Stage
    service: Service
    killed_at: float | None = field(default=None, init=False)
    answers_at: float | None = field(default=None, init=False)

    @property
    def host(self) -> str:
        return self.service.host

    async def begin(self) -> None:
        """Kill the service, and wait until nothing answers any more."""
        self.killed_at = time.time()
        pid = self.service.kill()
        await self.stage.until(lambda: not self.service.answers, f"{self.host}: {self.service.name} is gone")
        self.stage.timeline.tell(self.host, f"kill -9 {pid}: {self.service.name} is gone", at=self.killed_at, colour=BAD)

    async def answers_again(self) -> None:
        """Wait until the service answers, and tell."""
        await self.stage.until(lambda: self.service.answers, f"{self.host}: {self.service.name} answers again")
        self.answers_at = time.time()
        self.stage.timeline.tell(self.host, f"{self.service.name} answers again", colour=GOOD)

    async def reaches(self, *states: str) -> Row:
        """Wait until the case is in one of the states, and none of its dispatches is under way."""

        def over() -> Row | None:
            case = self.case
            return case if case and case.state in states and all(attempt.ended_at for attempt in self.records.attempts(case)) else None

        return await self.stage.until(over, f"{self.host}: its case becomes {' or '.join(states)}")

    @property
    def records(self) -> Records:
        return self.stage.records(self.stage.healing)

    @property
    def case(self) -> Row | None:
        """The case that was opened after the service was killed."""
        case = self.records.case(FIRING, self.host)
        return case if case and self.killed_at and case.opened_at >= self.killed_at else None

    @property
    def attempts(self) -> list[Row]:
        return self.records.attempts(self.case) if self.case else []

    @property
    def waits(self) -> list[float]:
        """Seconds from the end of each attempt to the beginning of the next."""
        return [after.planned_at - before.ended_at for before, after in zip(self.attempts, self.attempts[1:]) if before.ended_at]

    @property
    def seconds_to_detect(self) -> float | None:
        return self._since_kill(self.case.opened_at if self.case else None)

    @property
    def seconds_to_heal(self) -> float | None:
        return self._since_kill(self.answers_at)

    @property
    def seconds_to_confirm(self) -> float | None:
        return self._since_kill(self.records.reached(self.case, "resolved") if self.case else None)

    def _since_kill(self, then: float | None) -> float | None:
        return None if then is None or self.killed_at is None else then - self.killed_at
