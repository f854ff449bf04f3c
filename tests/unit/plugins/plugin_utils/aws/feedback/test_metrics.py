# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What metrics say of cases that are over."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.bounded_names import BoundedNames
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.metrics import MOST_ENDS, data_of

from .ends import an_end

NOW = 1_800_000_000.0
MINUTE = datetime.fromtimestamp(1_799_999_940, UTC)


def data(*ends):
    return data_of(ends, BoundedNames(), NOW)


def test_cases_are_counted_by_how_they_ended_and_the_seconds_by_the_name_of_the_alert():
    ends = [
        an_end("resolved", number=1, opened=NOW - 90, ended=NOW - 40),
        an_end("resolved", number=2, opened=NOW - 90, ended=NOW - 40),
        an_end("resolved", number=3, opened=NOW - 70, ended=NOW - 40, name="disk"),
        an_end("exhausted", number=4, opened=NOW - 90, ended=NOW - 40),
    ]
    assert data(*ends) == [
        {"MetricName": "Cases", "Dimensions": [{"Name": "State", "Value": "resolved"}], "Timestamp": MINUTE, "Unit": "Count", "Value": 3.0},
        {"MetricName": "Cases", "Dimensions": [{"Name": "State", "Value": "exhausted"}], "Timestamp": MINUTE, "Unit": "Count", "Value": 1.0},
        {
            "MetricName": "TimeToResolve",
            "Dimensions": [{"Name": "Alert", "Value": "cpu"}],
            "Timestamp": MINUTE,
            "Unit": "Seconds",
            "Values": [50.0],
            "Counts": [2.0],
        },
        {
            "MetricName": "TimeToResolve",
            "Dimensions": [{"Name": "Alert", "Value": "disk"}],
            "Timestamp": MINUTE,
            "Unit": "Seconds",
            "Values": [30.0],
            "Counts": [1.0],
        },
    ]


def test_they_are_counted_in_the_minute_in_which_they_ended():
    found = data(an_end("observed", ended=NOW - 61), an_end("observed", number=2, ended=NOW - 3600))
    assert [(each["Timestamp"].timestamp(), each["Value"]) for each in found] == [(NOW - 120, 1.0), (NOW - 3600, 1.0)]


def test_a_clock_that_was_set_back_puts_nothing_into_the_future():
    (found,) = data(an_end("observed", ended=NOW + 100_000))
    assert found["Timestamp"].timestamp() == NOW


def test_what_is_too_old_for_cloudwatch_is_left_out():
    assert data(an_end("observed", ended=NOW - 15 * 86_400)) == []
    assert len(data(an_end("observed", ended=NOW - 13 * 86_400))) == 1


def test_as_many_as_are_written_at_once_are_within_the_limits_of_a_request():
    ends = [an_end(number=number, opened=NOW - 1000 + number, ended=NOW - 10 - 60 * (number % 3), name=f"a{number % 2}") for number in range(MOST_ENDS)]
    found = data(*ends)
    values = {name: [value for each in found if each["Dimensions"][0]["Value"] == name for value in each.get("Values", ())] for name in ("a0", "a1")}
    assert [len(each) for each in values.values()] == [75, 75]
    assert len(found) <= 1000


def test_what_has_no_name_is_known_by_its_type():
    assert data(an_end(ended=NOW - 10, name=None))[1]["Dimensions"] == [{"Name": "Alert", "Value": "alert.firing"}]
