# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy as it is written, and which part of it decides about a case."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes, read
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.matching import Subject
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.settings import POLICY_SCHEMA, read_policy

DISK = Subject("alert.firing", "DiskFull", "incident", "error", "web-01", ("web-01",), "monitors", "k")


def policy(given: dict, mode: str = "enforce"):
    mistakes = Mistakes()
    made = read_policy(read(given, POLICY_SCHEMA, "policy"), mode, "policy", mistakes)
    mistakes.raise_if_any()
    return made


def test_durations_are_seconds_or_texts():
    base = policy({"cooldown": "5m", "approve": {"expires": "4h"}, "attempts": {"backoff": "1.5m"}, "confirm": {"within": 60}}).base
    assert (base.cooldown, base.approve_expires, base.attempts.backoff, base.confirm_within) == (300, 14_400, 90, 60)


def test_the_first_override_that_matches_decides_and_keeps_what_it_does_not_name():
    made = policy(
        {
            "cooldown": 10,
            "attempts": {"max": 5, "backoff": 7},
            "overrides": [
                {"match": {"name": "Nothing"}, "cooldown": 1},
                {"match": {"type": "alert.firing", "name": "DiskFull"}, "mode": "approve", "attempts": {"max": 1}},
                {"match": {"type": "alert.*"}, "cooldown": 99},
            ],
        }
    )
    own = made.of(DISK)
    assert (own.mode, own.attempts.max, own.attempts.backoff, own.cooldown, own.override) == ("approve", 1, 7, 10, 1)
    other = made.of(Subject("schedule.fired", "", "change", "info", "", (), "cron", "k"))
    assert (other.mode, other.cooldown, other.override) == ("enforce", 10, None)


@pytest.mark.parametrize(("given", "unhealthy", "known", "allowed"), [("50%", 20, 40, True), ("50%", 21, 40, False), (15, 15, 20, True), (15, 16, 1000, False)])
def test_max_unhealthy_is_a_share_or_a_number(given, unhealthy, known, allowed):
    assert policy({"max_unhealthy": given}).base.max_unhealthy.allows(unhealthy, known) is allowed


def test_an_override_cannot_have_more_in_flight_than_all_together():
    with pytest.raises(ConfigurationError, match=r"policy\.overrides\[0\]\.max_in_flight: must be at most that of all together, 4, got 9"):
        policy({"overrides": [{"match": {}, "max_in_flight": 9}]})
