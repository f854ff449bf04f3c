# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where an event comes from."""

from __future__ import annotations

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Origin
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.whereabouts import origin_of, place_of

from .ends import an_event

HERE, THERE, STAGING = Place("production", "eu-central-1"), Place("production", "us-east-1"), Place("staging", "us-east-1")
PLACES = (HERE, THERE, STAGING)


def test_what_polls_says_it():
    for kind in ("cloudwatch", "logs"):
        assert place_of(an_event(source=f"aws:{kind}:staging:us-east-1"), PLACES) == STAGING


def test_of_a_queue_the_event_says_its_region_else_the_queue_does():
    queue = "aws:sqs:eu-central-1:alarms"
    assert place_of(an_event(source=queue), PLACES) == HERE
    assert place_of(an_event(source=queue, alarm_arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:a:b"), PLACES) == THERE
    assert place_of(an_event(source=queue, region="us-east-1"), PLACES) == THERE
    assert place_of(an_event(source=queue, region="ap-south-1"), PLACES) == HERE
    assert place_of(an_event(source="aws:sqs:ap-south-1:alarms"), PLACES) == HERE


def test_region_and_account_are_what_an_event_names_itself():
    assert origin_of(an_event(alarm_arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:a")) == Origin("us-east-1", "123456789012")
    assert origin_of(an_event(region="eu-central-1", account="123456789012")) == Origin("eu-central-1", "123456789012")
    assert origin_of(an_event(region="US East (N. Virginia)", account="production")) == Origin()
    assert origin_of(an_event(region=5, account=None)) == Origin()
