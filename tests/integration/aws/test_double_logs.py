# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double of AWS finds lines of logs as is documented of CloudWatch Logs."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

DAY = 86400
JSON_LINE = '{"level": "ERROR", "status": 503, "user": {"name": "a-b"}}'
LINES = ["ERROR disk", "CRITICAL disk", "WARN disk", "INFO all is well", "a phrase of words", JSON_LINE]


def found(aws, pattern="", **wanted):
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName="/app", filterPattern=pattern, **wanted)
    return [line["message"] for page in pages for line in page["events"]]


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("", LINES),
        ("ERROR", ["ERROR disk", JSON_LINE]),
        ("ERROR disk", ["ERROR disk"]),
        ("?ERROR ?CRITICAL", ["ERROR disk", "CRITICAL disk", JSON_LINE]),
        ("disk -WARN", ["ERROR disk", "CRITICAL disk"]),
        ('"phrase of"', ["a phrase of words"]),
        ("%^[EC]R%", ["ERROR disk", "CRITICAL disk"]),
        ('{ $.level = "ERROR" }', [JSON_LINE]),
        ('{ $.level = "INFO" || $.status >= 500 }', [JSON_LINE]),
        ('{ $.status = 503 && $.user.name = "a-*" }', [JSON_LINE]),
        ('{ $.status = 404 }', []),
        ('{ $.level != "ERROR" }', []),
    ],
)  # fmt: skip
def test_a_pattern_finds_its_lines(aws, pattern, lines):
    now = time.time()
    aws.add_log_lines("/app", "one", [(now + number / 100, text) for number, text in enumerate(LINES)])
    assert found(aws, pattern) == lines


def test_a_pattern_that_is_none_is_refused(aws):
    aws.add_log_lines("/app", "one", [(time.time(), "{}")])
    with pytest.raises(ClientError, match="InvalidParameterException"):
        found(aws, "{ nothing")


def test_lines_of_all_streams_come_in_the_order_of_time_page_by_page(aws):
    start = time.time() - 30 * DAY
    aws.add_log_lines("/app", "one", [(start + 2 * number, f"{2 * number:03}") for number in range(100)])
    aws.add_log_lines("/app", "two", [(start + 2 * number + 1, f"{2 * number + 1:03}") for number in range(100)])
    assert found(aws, PaginationConfig={"PageSize": 30}) == [f"{number:03}" for number in range(200)]
    assert aws.calls()["FilterLogEvents"] == 7


def test_a_page_may_be_empty_though_more_follow(aws):
    aws.add_log_lines("/app", "one", [(time.time() + number, str(number)) for number in range(5)])
    aws.set_logs(empty_pages=True)
    first = aws.client("logs").filter_log_events(logGroupName="/app")
    assert (first["events"], "nextToken" in first) == ([], True)
    assert found(aws, PaginationConfig={"PageSize": 2}) == ["0", "1", "2", "3", "4"]


def test_lines_that_are_put_are_found_between_two_times(aws):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/app")
    logs.create_log_stream(logGroupName="/app", logStreamName="one")
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName="/app", logStreamName="one", logEvents=[{"timestamp": now + each, "message": str(each)} for each in (-2, 0, 2)])
    assert found(aws, startTime=now, endTime=now + 2) == ["0", "2"]
