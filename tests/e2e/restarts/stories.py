# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What monitors and portals send, as stories: a few events about one thing, in their order, with pauses."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

HOSTS = ("web-01", "web-02", "web-03", "db-01", "db-02")
UNKNOWN_HOST = "ghost"
NO_RULE = "log.matched"
REQUEST, CHANGE, FIRING, RESOLVED = "request.report", "netbox.vm.updated", "alert.firing", "alert.resolved"


@dataclass(frozen=True)
class Sending:
    """An event that is sent after a pause, and sent again, although it got its answer, when `twice`."""

    pause_seconds: float
    event: dict
    twice: bool


class Author:
    """Write stories, the same ones for the same random numbers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers = itertools.count(1)

    def story(self) -> list[Sending]:
        """Write the next one."""
        (kind,) = self._random.choices((self._alert, self._flood, self._request, self._change, self._for_nobody), (5, 2, 4, 3, 1))
        return list(kind())

    def _alert(self) -> Iterator[Sending]:
        """An alert that repeats itself, and of which most are told to be over."""
        name, hosts = self._random.choice(("Down", "Full")), self._hosts()
        fails = self._random.random() < 0.2
        for _repeat in range(self._random.randint(1, 3)):
            yield self._sending(1.0, FIRING, hosts, name=name, fails=fails)
        if self._random.random() < 0.6:
            yield self._sending(4.0, RESOLVED, hosts, name=name)

    def _flood(self) -> Iterator[Sending]:
        """A monitor that says the same very often."""
        hosts = self._hosts()
        for _repeat in range(30):
            yield self._sending(0.0, FIRING, hosts, name="Flapping")
        yield self._sending(3.0, RESOLVED, hosts, name="Flapping")

    def _request(self) -> Iterator[Sending]:
        yield self._sending(1.0, REQUEST, self._hosts(), fails=self._random.random() < 0.15)

    def _change(self) -> Iterator[Sending]:
        """Changes of one thing; each may join the case of the one before, while that is being worked on."""
        hosts = self._hosts()
        for _change in range(self._random.randint(1, 3)):
            yield self._sending(1.5, CHANGE, hosts)

    def _for_nobody(self) -> Iterator[Sending]:
        if self._random.random() < 0.5:
            yield self._sending(1.0, NO_RULE, self._hosts())
        else:
            yield self._sending(1.0, REQUEST, (UNKNOWN_HOST,))

    def _hosts(self) -> tuple[str, ...]:
        return tuple(self._random.sample(HOSTS, 2 if self._random.random() < 0.25 else 1))

    def _seconds(self, hosts: Sequence[str]) -> float:
        """Choose how long a work takes: some outlive a restart, which takes four seconds or more, and more of those on several hosts."""
        long = self._random.random() < (0.5 if len(hosts) > 1 else 0.15)
        return self._random.uniform(3, 7) if long else self._random.uniform(0, 0.6)

    def _sending(self, longest_pause: float, type_: str, hosts: Sequence[str], *, name: str = "", fails: bool = False) -> Sending:
        number = next(self._numbers)
        event = {
            "specversion": "1.0",
            "id": f"event-{number}",
            "type": type_,
            "subject": "+".join(hosts),
            "severity": self._random.choice(("critical", "error", "warning", "info")),
            "hosts": list(hosts),
            "data": {"name": name, "number": number, "seconds": round(self._seconds(hosts), 2), "fails": fails},
        }
        return Sending(self._random.uniform(0, longest_pause), event, self._random.random() < 0.15)
