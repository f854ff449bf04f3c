# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Act 3: events that are attacks, through a stock webhook; none does anything, and the next event is handled."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from claims import Claim
from ledger import Records, Row
from stage import ALERTS, Stage

HOST = "mail-01"
COMMAND = "{{ lookup('pipe', 'touch PWNED') }}"
_FINAL = ("resolved", "exhausted", "suppressed", "unmatched", "observed")
_SEND_SECONDS = 30


@dataclass
class Sent:
    """An event that is sent to the webhook: what it is called, and what is in it."""

    name: str
    content: Mapping
    sent_at: float = 0.0

    @property
    def id(self) -> str:
        return self.content["id"]


class Hostile:
    """Three attacks and an ordinary event."""

    title = "3. Hostile events arrive at a webhook"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.command = Sent(f"an event with the text {COMMAND}", {"id": "attack-1", "host": HOST, "text": COMMAND})
        self.everywhere = Sent("an event for the host all", {"id": "attack-2", "host": "all", "text": "on every host, please"})
        self.breaker = Sent("an event with an empty key and an emoji", {"id": "attack-3", "host": HOST, "": 1, "text": "an emoji: \N{PILE OF POO}"})
        self.ordinary = Sent("an ordinary event", {"id": "ordinary-1", "host": HOST, "text": "the disk is nearly full"})

    async def play(self) -> None:
        """Send the attacks, wait until they are dealt with, and send one more event."""
        for sent in (self.command, self.everywhere, self.breaker):
            await self._send(sent)
        for sent in (self.command, self.everywhere, self.breaker):
            await self.stage.until(lambda sent=sent: self.is_over(sent), f"webhook: {sent.name} is dealt with")
        await self._send(self.ordinary)
        await self.stage.until(lambda: self.is_over(self.ordinary), f"webhook: {self.ordinary.name} is dealt with after the attacks")

    def claims(self) -> Iterator[Claim]:
        """Say what was claimed and whether it held."""
        texts, files = self._traces("text"), self._traces("files")
        seen = texts.get("attack-1", "")
        found = self._pwned()
        yield Claim(f"the text {COMMAND} was written down as text", "lookup" in seen and "touch PWNED" in seen and COMMAND not in seen, seen)
        yield Claim("no file PWNED was made anywhere", not found and len(files) == 3 and not any("PWNED" in names for names in files.values()), found)
        everywhere = self.case(self.everywhere)
        dispatched = self.records.attempts(everywhere) if everywhere else []
        yield Claim("the event for the host all ran nothing", everywhere is not None and everywhere.state == "suppressed" and not dispatched, dispatched)
        yield Claim("the event with an empty key and an emoji was handled like any other", "attack-3" in texts and self._resolved(self.breaker), texts)
        yield Claim("the event after them was handled", texts.get("ordinary-1") == self.ordinary.content["text"] and self._resolved(self.ordinary), texts)
        touched = {path.name for path in self.stage.traces.iterdir()} | {run.host for run in self.records.executions}
        yield Claim(f"nothing ran on any host but {HOST}", touched == {HOST}, sorted(touched))

    @property
    def records(self) -> Records:
        return self.stage.records(self.stage.alerts)

    def case(self, sent: Sent) -> Row | None:
        """Return the case of an event."""
        return next((case for case in self.records.cases if case.dedup_key == sent.id), None)

    def is_over(self, sent: Sent) -> bool:
        """Say whether the case of an event has come to its end."""
        case = self.case(sent)
        return case is not None and case.state in _FINAL

    def seconds(self, sent: Sent) -> float | None:
        """Return how long an event took from being sent to the end of its case."""
        case = self.case(sent)
        return case.updated_at - sent.sent_at if case and sent.sent_at else None

    def _resolved(self, sent: Sent) -> bool:
        case = self.case(sent)
        return case is not None and case.state == "resolved"

    async def _send(self, sent: Sent) -> None:
        address, port = self.stage.webhook
        body = json.dumps(sent.content).encode()
        request = urllib.request.Request(f"http://{address}:{port}/alerts", body, {"Content-Type": "application/json"})
        sent.sent_at = time.time()
        self.stage.timeline.tell("attacker" if sent is not self.ordinary else "log watcher", f"sends {sent.name}")
        # Without the proxies that the user's environment may name.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        answer = await asyncio.to_thread(opener.open, request, timeout=_SEND_SECONDS)
        answer.close()

    def _traces(self, key: str) -> dict:
        """Return what the playbook left on the host, by event."""
        path = self.stage.traces / HOST
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        return {line["event"]: line[key] for line in lines if key in line}

    def _pwned(self) -> list[str]:
        """Return every PWNED in the demo's files, beside the playbook, and where the demo was started."""
        return [str(path) for path in (*self.stage.directory.rglob("PWNED"), *ALERTS.rglob("PWNED"), *Path().glob("PWNED"))]
