# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the URL of a queue says."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.address import name_in, region_in


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.eu-central-1.amazonaws.com/123456789012/eventops", "eu-central-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/eventops", "cn-north-1"),
        ("https://sqs.us-gov-west-1.amazonaws.com/123456789012/eventops", "us-gov-west-1"),
        ("https://sqs-fips.us-east-2.amazonaws.com/123456789012/eventops", "us-east-2"),
        ("https://sqs.eu-west-1.api.aws/123456789012/eventops", "eu-west-1"),
        ("https://vpce-1-2.sqs.ap-southeast-2.vpce.amazonaws.com/123456789012/eventops", "ap-southeast-2"),
        ("https://eu-west-3.queue.amazonaws.com/123456789012/eventops", "eu-west-3"),
        ("https://queue.amazonaws.com/123456789012/eventops", "us-east-1"),
        ("http://sqs.eu-central-1.localhost.localstack.cloud:4566/000000000000/eventops", "eu-central-1"),
        ("http://127.0.0.1:5000/123456789012/eventops", None),
        ("https://sqs.example.com/123456789012/eventops", None),
    ],
)
def test_the_region_is_in_the_host(url, region):
    assert region_in(url) == region
    assert name_in(url) == "eventops"


def test_the_name_is_the_end():
    assert name_in("http://127.0.0.1:5000/123456789012/orders.fifo") == "orders.fifo"
