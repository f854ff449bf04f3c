# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-rulebook is killed again and again while messages flow through queues of SQS: none is lost, and each is in exactly one case.

`make soak` does it 50 times while 5,000 messages flow; SEED=N repeats the same moments.
"""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import FINAL
from ansible_collections.eventops.infra.tests.doubles.aws import running_aws
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.ledger import Ledger
from ansible_collections.eventops.infra.tests.e2e.restarts.queue_messages import FIFO, PLAIN, Sender, number_in
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until

MOST_ROUNDS, MESSAGES_IN_A_ROUND = 50, 100
RULE = {"name": "Take", "condition": "event.type is defined", "action": {"none": {}}}
# So that what a killed process had in hand comes again soon.
VISIBILITY_SECONDS = 5
QUIET_WITHIN_SECONDS = 600


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_of_what_flows_through_sqs_nothing_is_lost_and_nothing_twice(rulebook: Rulebook, soak_rounds: int, soak_seed: int, capsys) -> None:
    rounds = min(soak_rounds, MOST_ROUNDS)
    with running_aws() as aws:
        site = Site(rulebook, aws, Random(soak_seed))
        began = time.monotonic()
        for _number in range(rounds):
            site.round()
        site.end()
        numbers = site.numbers(time.monotonic() - began)
    with capsys.disabled():
        print(f"\nSQS, {rounds} kills, seed {soak_seed}")
        for what, number in numbers.items():
            print(f"  {what}: {number}")
    assert_each_is_in_one_case(site)


def assert_each_is_in_one_case(site: Site) -> None:
    """See that each message became one event, each event one case, and that groups are in order."""
    events, cases = site.ledger.events(), site.ledger.cases()
    found = Counter(number_in(event["body"]) for event in events)
    assert not site.sender.sent - found.keys(), "lost"
    assert found.keys() == site.sender.sent and set(found.values()) == {1}
    assert len(cases) == len({case["dedup_key"] for case in cases}) == len(site.sender.sent)
    assert {case["count"] for case in cases} == {1} and {case["id"] for case in cases} == {event["case_id"] for event in events}
    assert {case["state"] for case in cases} <= FINAL
    rows = {number_in(event["body"]): event["id"] for event in events}
    for group, numbers in site.sender.order.items():
        assert numbers == sorted(numbers, key=rows.get), group


class Site:
    """Queues, a sender, and an ansible-rulebook that is killed in each round."""

    def __init__(self, rulebook: Rulebook, aws, random: Random) -> None:
        self.sender = Sender(aws, random)
        self.ledger = Ledger(rulebook.directory.parent / "store.db")
        self._rulebook, self._aws, self._random = rulebook, aws, random
        self._kills_with_messages_in_hand = 0
        self._moments: Counter[str] = Counter()
        queues = [{"name": name, "wait": 2, "visibility": VISIBILITY_SECONDS, "envelopes": True} for name in (PLAIN, FIFO)]
        source = {"name": "aws", "eventops.infra.cloudwatch": {"queues": queues}}
        router = {"store": str(self.ledger.store), "mode": "enforce", "sources": [source]}
        ruleset = {"name": "Site", "hosts": "all", "execution_strategy": "parallel", "sources": [{"name": "router", "eventops.infra.router": router}]}
        rulebook.env.update(aws.environment)
        rulebook.write([{**ruleset, "rules": [RULE]}], {})

    def round(self) -> None:
        """Start it, let messages flow, and kill it at a random moment."""
        self.sender.send(MESSAGES_IN_A_ROUND)
        self._aws.forget_calls()
        self._rulebook.start()
        moment = self._random.choices(("at start", "receiving", "deleting", "later"), (1, 3, 3, 3))[0]
        self._moments[moment] += 1
        if moment == "at start":
            time.sleep(self._random.uniform(0, 4))
        elif moment == "receiving":
            self._wait_for("ReceiveMessage", self._random.randint(1, 15))
        elif moment == "deleting":
            self._wait_for("DeleteMessageBatch", self._random.randint(1, 15))
        else:
            self._wait_for("DeleteMessageBatch", 1)
            time.sleep(self._random.uniform(0, 3))
        self._rulebook.kill()
        self._kills_with_messages_in_hand += self.sender.counts()[1] > 0

    def end(self) -> None:
        """Let it run until nothing is left to do."""
        self.sender.wait()
        self._rulebook.start()
        wait_until(lambda: self.sender.counts()[0] == 0, "empty queues", QUIET_WITHIN_SECONDS, self._seen)
        wait_until(self._is_quiet, "the end of all cases", QUIET_WITHIN_SECONDS, self._seen)
        assert self._rulebook.stop() == 0

    def numbers(self, seconds: float) -> dict[str, object]:
        states = Counter(case["state"] for case in self.ledger.cases())
        return {
            "messages": len(self.sender.sent),
            "kills while messages were in hand": self._kills_with_messages_in_hand,
            "moments": dict(self._moments),
            "events in the store": len(self.ledger.events()),
            "cases": dict(states),
            "seconds": round(seconds),
        }

    def _wait_for(self, call: str, number: int) -> None:
        """Wait until a call was made so often, not for ever: there may be nothing to receive."""
        ends = time.monotonic() + 20
        while self._aws.calls()[call] < number and time.monotonic() < ends:
            assert self._rulebook.is_running, self._rulebook.output[-4000:]
            time.sleep(0.02)

    def _is_quiet(self) -> bool:
        time.sleep(1)  # each look copies the store
        return not self.ledger.events(handled=0) and all(case["state"] in FINAL for case in self.ledger.cases())

    def _seen(self) -> str:
        return f"{self.sender.counts()} in the queues, {len(self.ledger.events())} events\n{self._rulebook.output[-4000:]}"
