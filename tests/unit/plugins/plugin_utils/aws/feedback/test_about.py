# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which thing of AWS a case was about."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import ANYTHING, DATABASE, GROUP, INSTANCE
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.about import resource_about

from .ends import an_event

ONE = "i-00000000000000001"
BUCKET = "arn:aws:s3:::bucket"


@pytest.mark.parametrize(
    ("data", "kind", "name"),
    [
        ({"labels": {"AutoScalingGroupName": "web", "InstanceId": ONE}}, INSTANCE, ONE),
        ({"labels": {"AutoScalingGroupName": "web"}}, GROUP, "web"),
        ({"labels": {"InstanceId": [ONE, "i-00000000000000002"], "AutoScalingGroupName": "web"}}, GROUP, "web"),
        ({"labels": {"DBInstanceIdentifier": "orders"}}, DATABASE, "orders"),
        ({"detail": {"instance-id": ONE}, "resources": [BUCKET]}, INSTANCE, ONE),
        ({"detail": {"AutoScalingGroupName": "web"}}, GROUP, "web"),
        ({"detail": {}, "resources": ["vol-1", BUCKET]}, ANYTHING, BUCKET),
        ({"log_stream": ONE, "log_group": "/app"}, INSTANCE, ONE),
    ],
)
def test_it_is_the_most_exact_that_the_event_names(data, kind, name):
    found = resource_about(an_event(**data))
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"labels": {"host": "web-01"}},
        {"labels": "text"},
        {"labels": {"InstanceId": [ONE, "i-00000000000000002"]}},
        {"log_stream": "2026/11/26/[$LATEST]0"},
        {"resources": ["arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"]},
    ],
)
def test_what_names_nothing_that_stays_has_no_tag(data):
    assert resource_about(an_event(**data)) is None


@pytest.mark.parametrize("type_", ["aws.tag.tag_change_on_resource", "aws.ec2.aws_api_call_via_cloud_trail", "aws.config.config_configuration_item_change"])
def test_a_tag_is_no_answer_to_an_event_that_a_tag_causes(type_):
    assert resource_about(an_event(type_, detail={"instance-id": ONE}, resources=[BUCKET])) is None
