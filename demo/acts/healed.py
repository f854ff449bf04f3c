# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act 1: a service is killed; it is detected, healed and confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from acts.outage import Outage
from claims import Claim
from stage import Stage

BYSTANDER = "cache-01"


class Healed:
    """A service that its start command brings back."""

    title = "1. A service is killed"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.outage = Outage(stage, stage.services["web-01"])

    async def play(self) -> None:
        """Kill it, and wait until its case is closed."""
        await self.outage.begin()
        await self.outage.answers_again()
        await self.outage.reaches("resolved")

    def claims(self) -> Iterator[Claim]:
        """Say what was claimed and whether it held."""
        outage, host, case = self.outage, self.outage.host, self.outage.case
        yield Claim(f"{host} was detected", case is not None)
        yield Claim(f"{host} answers again", outage.answers_at is not None and host in self.stage.answering_at_the_end)
        yield Claim(f"{host} was confirmed by the monitor", case is not None and case.state == "resolved", case and f"{case.state}: {case.reason}")
        runs = outage.records.runs(case) if case else []
        yield Claim(f"one playbook ran, on {host} alone", [run.host for run in runs] == [host], [run.host for run in runs])
        touched = [run for run in outage.records.executions if run.host == BYSTANDER]
        alone = not touched and self.stage.services[BYSTANDER].starts == 1 and BYSTANDER in self.stage.answering_at_the_end
        yield Claim(f"{BYSTANDER}, which nothing happened to, was left alone", alone, touched)
