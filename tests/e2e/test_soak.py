# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-rulebook is killed again and again under load; in the end every event that got its answer is dealt with, and nothing twice.

`make soak` does it 200 times; SEED=N repeats the same load.
"""

from __future__ import annotations

import time
from random import Random

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.executions import directory_of
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.restarts.findings import Findings
from ansible_collections.eventops.infra.tests.e2e.restarts.kept_executions import KeptExecutions
from ansible_collections.eventops.infra.tests.e2e.restarts.load import Load
from ansible_collections.eventops.infra.tests.e2e.restarts.stories import CHANGE, Author
from ansible_collections.eventops.infra.tests.e2e.restarts.worksite import RULES, Site

MODES = ("plain", "persistent", "store beside the playbook")
FOLLOW = {"name": "Follow", "condition": f'event.type == "{CHANGE}"', "action": {"run_playbook": {"name": "follow.yml"}}}
CALL = {"name": "Call", "condition": 'event.type == "case.exhausted"', "action": {"run_playbook": {"name": "call.yml"}}}
POLICY = {"attempts": {"max": 2, "backoff": 0.5, "factor": 1}, "confirm": {"within": 1.5}}
TASKS = 2

STORIES_IN_A_ROUND = 3
MOST_UNFINISHED = 12  # with more cases than that no story begins: a dispatch takes a second or two, and the end should come
STARTS_WITHIN_SECONDS = 120
QUIET_WITHIN_SECONDS = 600
SECONDS_OF_A_ROUND, SECONDS_OF_AN_END = 8, 20  # for the estimate, on a machine with two cores that does nothing else


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("mode", MODES)
def test_under_load_and_kill_9_nothing_is_lost_and_nothing_done_twice(mode: str, rulebook: Rulebook, soak_rounds: int, soak_seed: int, capsys) -> None:
    rounds = [len(part) for part in _dealt(soak_rounds)][MODES.index(mode)]
    soak = Soak(mode, rulebook, Random(f"{soak_seed} {mode}"))
    began = time.monotonic()
    with capsys.disabled():
        estimate = rounds * SECONDS_OF_A_ROUND + SECONDS_OF_AN_END
        print(f"\nsoak, {mode}: {rounds} rounds, about {estimate / 60:.1f} minutes, seed {soak_seed}", flush=True)
    try:
        for number in range(rounds):
            soak.round(number)
        findings = soak.end()
    finally:
        soak.close()
    broken = findings.broken_promises()
    with capsys.disabled():
        print(f"soak, {mode}: {rounds} rounds took {time.monotonic() - began:.0f} s")
        for what, number in {**soak.numbers(), **findings.numbers(), "broken promises": len(broken)}.items():
            print(f"  {what}: {number}")
    assert not broken, "\n".join(broken)


def _dealt(rounds: int) -> list[range]:
    return [range(mode, rounds, len(MODES)) for mode in range(len(MODES))]


class Soak:
    """A site under load, whose ansible-rulebook is killed in each round."""

    def __init__(self, mode: str, rulebook: Rulebook, random: Random) -> None:
        self._random = random
        self._rulebook = rulebook
        store = rulebook.directory / "store.db" if mode == "store beside the playbook" else None
        self._site = Site(
            rulebook,
            hosts=("web-01", "web-02", "web-03", "db-01", "db-02"),
            store=store,
            rules=(*RULES, FOLLOW, CALL),
            policy=POLICY,
            persistent=mode == "persistent",
            tasks=TASKS,
        )
        self._author = Author(random)
        self._load = Load(self._site.port)
        self._kept = KeptExecutions(directory_of(self._site.store), rulebook.directory.parent / "kept")
        self._kills: list[tuple[float, str]] = []

    def round(self, number: int) -> None:
        """Start ansible-rulebook, send it events, and kill it at a random moment."""
        if self._unfinished() <= MOST_UNFINISHED:
            for _story in range(STORIES_IN_A_ROUND):
                self._load.tell(self._author.story())
        self._site.start()
        # The first round has work in flight when it ends, however few there are.
        moment = "at work" if number == 0 else self._random.choices(("at start", "taking in", "at work"), (2, 3, 5))[0]
        self._wait_for(moment)
        if self._random.random() < 0.25:
            what, kill = "everything", self._site.kill_everything
        else:
            what, kill = "ansible-rulebook", self._rulebook.kill
        self._kills.append((time.time(), what))
        kill()

    def end(self) -> Findings:
        """Let it run until everything is quiet, and return what is found then."""
        self._site.start()
        self._load.finish(QUIET_WITHIN_SECONDS)
        self._site.ledger.wait_for(lambda _ledger: self._is_quiet(), "quiet", QUIET_WITHIN_SECONDS)
        assert self._rulebook.stop() == 0
        return Findings(self._site.ledger, self._load.answered, self._kept.read(), self._site.works, TASKS, [at for at, _what in self._kills])

    def close(self) -> None:
        self._load.close()
        self._kept.close()

    def numbers(self) -> dict[str, object]:
        return {
            "kills": f"{len(self._kills)}, of these {sum(what == 'everything' for _at, what in self._kills)} with every playbook",
            "tries of senders without an answer": self._load.unanswered,
            "deliveries repeated after the answer": self._load.repeated,
        }

    def _wait_for(self, moment: str) -> None:
        """Wait for a random moment: while it starts, while it takes events in, while a playbook begins, runs or ends."""
        answered, runs = len(self._load.answered), len(self._kept)
        if moment == "at start":
            time.sleep(self._random.uniform(0, 5))
        elif moment == "taking in":
            self._wait(lambda: len(self._load.answered) > answered)
            time.sleep(self._random.uniform(0, 3))
        else:
            self._wait(lambda: len(self._kept) > runs)
            time.sleep(self._random.choice((0, 0.2, 1)) * self._random.random() + self._random.choice((0, 0, 1.5)) * self._random.random())

    def _wait(self, happened) -> None:
        """Wait for something, not for ever: a round may have nothing to do."""
        deadline = time.monotonic() + 15
        while not happened() and time.monotonic() < deadline:
            assert self._rulebook.is_running, self._rulebook.output[-4000:]
            time.sleep(0.02)

    def _unfinished(self) -> int:
        return sum(case["state"] not in FINAL for case in self._site.ledger.cases())

    def _is_quiet(self) -> bool:
        time.sleep(0.5)
        ledger = self._site.ledger
        return not self._unfinished() and not ledger.events(handled=0) and not ledger.dispatches(state="planned")
