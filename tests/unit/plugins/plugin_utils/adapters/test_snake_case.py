# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.snake_case import snake_case
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EC2 Instance State-change Notification", "ec2_instance_state_change_notification"),
        ("CloudWatch Alarm State Change", "cloudwatch_alarm_state_change"),
        ("GuardDuty Finding", "guardduty_finding"),
        ("AWS API Call via CloudTrail", "aws_api_call_via_cloudtrail"),
        ("OrderCreated", "order_created"),
        ("BlobCreated", "blob_created"),
        ("VMStarted", "vm_started"),
        ("ResourceWriteSuccess", "resource_write_success"),
        ("EventGrid", "event_grid"),
        ("ec2", "ec2"),
        ("partner/example.com/Shop", "partner_example_com_shop"),
        (" a  b ", "a_b"),
        ("{{ lookup('pipe', 'id') }}", "lookup_pipe_id"),
        ("\u00e9t\u00e9", "t"),
    ],
)
def test_words(text, words):
    assert snake_case(text, "x") == words


@pytest.mark.parametrize("text", ["", " ", "...", "\u96ea"])
def test_a_text_without_words_is_a_mistake(text):
    with pytest.raises(InvalidEvent, match="detail-type: must have a letter or a digit"):
        snake_case(text, "detail-type")


def test_a_long_text_takes_no_time():
    assert len(snake_case("A" * 1_000_000, "x")) == 1_000_000
