# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a rule may still take an event that none took at once."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.ruleset import Rule, Ruleset, Throttle
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.waiting_rules import WaitingRules

LITTLE = 5


def is_text(path: str, text: str) -> dict:
    return {"EqualsExpression": {"lhs": {"Event": path}, "rhs": {"String": text}}}


A, B = is_text("what", "a"), is_text("what", "b")


def seconds(*rules: Rule, ttl: str | None = None, what: str = "a") -> float | None:
    return WaitingRules.of(Ruleset("rules", True, rules, ttl)).seconds_for({"what": what})


def throttled(kind: str, time: str, *conditions) -> Rule:
    return Rule("throttled", "all", conditions or (A,), (), throttle=Throttle(kind, time, ("event.x",)))


@pytest.mark.parametrize(
    "rule",
    [
        Rule("one condition", "all", (A,), ()),
        Rule("one condition in time", "all", (A,), (), timeout="1 minute"),
        Rule("any", "any", (A, B), (), timeout="1 minute"),
        throttled("once_within", "5 minutes"),
        throttled("accumulate_within", "5 minutes"),
    ],
    ids=lambda rule: rule.throttle.kind if rule.throttle else rule.name,
)
def test_a_rule_that_takes_an_event_at_once_or_never_is_not_waited_for(rule):
    assert seconds(rule) is None


def test_once_after_is_waited_for_until_its_time_is_over():
    assert seconds(throttled("once_after", "10 minutes")) == 600 + LITTLE


def test_the_other_event_is_waited_for_as_long_as_the_engine_keeps_the_first():
    assert seconds(Rule("all", "all", (A, B), ())) == 7200 + LITTLE
    assert seconds(Rule("all", "all", (A, B), ()), ttl="3 minutes") == 180 + LITTLE
    assert seconds(Rule("all", "all", (A, B), (), timeout="30 seconds")) == 30 + LITTLE
    assert seconds(Rule("all", "all", (A, B), (), timeout="500 milliseconds")) == 0.5 + LITTLE
    assert seconds(Rule("all", "all", (A, B), (), timeout="1 hour"), ttl="10 seconds") == 10 + LITTLE
    assert seconds(Rule("not all", "not_all", (A, B), (), timeout="20 seconds")) == 20 + LITTLE
    assert seconds(throttled("once_within", "1 second", A, B), ttl="1 minute") == 60 + LITTLE


def test_nothing_is_waited_for_longer_than_two_hours():
    assert seconds(throttled("once_after", "3 days")) == 7200 + LITTLE
    assert seconds(Rule("all", "all", (A, B), ()), ttl="1 day") == 7200 + LITTLE


def test_an_event_that_no_waiting_rule_is_about_does_not_wait():
    both, after = Rule("all", "all", (A, B), ()), throttled("once_after", "1 minute", is_text("what", "c"))
    assert [seconds(both, after, what=what) for what in "abcd"] == [7200 + LITTLE, 7200 + LITTLE, 60 + LITTLE, None]


def test_the_longest_of_several_rules_counts():
    assert seconds(throttled("once_after", "1 minute"), throttled("once_after", "2 minutes")) == 120 + LITTLE
