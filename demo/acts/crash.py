# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act 4: ansible-rulebook is killed while a heal is running, started again, and the heal is finished."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

from acts.outage import Outage
from claims import Claim
from ledger import Row
from stage import Stage
from timeline import BAD

_START_SECONDS = 3  # of the service: a slow start


class Crash:
    """A service that is being healed, and an ansible-rulebook that does not live to see it."""

    title = "4. ansible-rulebook is killed while a heal is running"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.outage = Outage(stage, stage.services["search-01"])
        self.dispatch: Row | None = None
        self.was_running = False
        self.started_at = 0.0

    async def play(self) -> None:
        """Kill the service, then ansible-rulebook in the middle of the heal, start that again, and wait until the case is closed."""
        stage, outage = self.stage, self.outage
        outage.service.starting_takes(_START_SECONDS)
        await outage.begin()
        await stage.until(self._playbooks, f"{outage.host}: a playbook runs")
        self.dispatch = outage.attempts[-1]
        pid = await stage.healing.kill()
        left = self._playbooks()
        self.was_running = bool(left) and not outage.service.answers
        stage.timeline.tell("ansible-rulebook", f"kill -9 {pid}, in the middle of the heal", colour=BAD)
        # By itself the playbook would finish its work. A power cut ends it too, and then only the restart can heal.
        for playbook in filter(stage.kill, left):
            stage.timeline.tell("ansible-playbook", f"kill -9 {playbook}, so that nobody is left who works on {outage.host}", colour=BAD)
        self.started_at = time.time()
        pid = stage.healing.start()
        stage.timeline.tell("ansible-rulebook", f"is started again (process {pid})")
        await outage.answers_again()
        await outage.reaches("resolved")

    def claims(self) -> Iterator[Claim]:
        """Say what was claimed and whether it held."""
        outage, host, case = self.outage, self.outage.host, self.outage.case
        yield Claim("ansible-rulebook was killed while the heal was running", self.was_running)
        attempts = outage.attempts
        same = self.dispatch is not None and [attempt.uuid for attempt in attempts] == [self.dispatch.uuid]
        yield Claim("after the restart the same attempt went on", same and attempts[0].interruptions == 1, attempts)
        runs = [run for run in outage.records.runs(case) if run.ended_at] if case else []
        healed = [run for run in runs if self.started_at and datetime.fromisoformat(run.started_at).timestamp() > self.started_at]
        finished = same and attempts[0].outcome == "succeeded" and [(run.host, run.status) for run in healed] == [(host, "ok")] and runs == healed
        yield Claim(f"its playbook ran once more, from start to end, on {host} alone", finished, runs)
        yield Claim(f"{host} answers again", outage.answers_at is not None and host in self.stage.answering_at_the_end)
        yield Claim(f"{host} was confirmed by the monitor", case is not None and case.state == "resolved", case and f"{case.state}: {case.reason}")

    def _playbooks(self) -> list[int]:
        return [pid for attempt in self.outage.attempts for pid in self.stage.healing.ledger.under_way(attempt)]
