# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One entry of `queues`: what is taken, and what is told of what is not."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.settings import QueueSettings, read
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/eventops"


def read_entry(**written):
    mistakes = Mistakes()
    return read(written, "queues[0]", mistakes), [f"{path}: {text}" for path, text in mistakes.found]


def test_what_nobody_says_is_of_use():
    settings, mistakes = read_entry(name="eventops")
    assert not mistakes
    assert settings == QueueSettings("queues[0]", None, "eventops", None, None, 4, 20, 120, 5, None, {})
    assert not settings.is_fifo


def test_the_url_says_the_name_and_the_region():
    settings, mistakes = read_entry(url=URL, region="eu-central-1")
    assert not mistakes
    assert (settings.url, settings.name, settings.region) == (URL, "eventops", "eu-central-1")


def test_what_is_said_is_taken():
    adapter = {"cloudwatch_alarm": {"severity": "critical"}}
    settings, mistakes = read_entry(
        name="orders.fifo", account="production", region="us-east-1", receivers=2, wait=5, visibility=60, max_receives=3, adapter=adapter
    )
    assert not mistakes
    assert (settings.account, settings.region, settings.receivers, settings.wait_seconds) == ("production", "us-east-1", 2, 5)
    assert (settings.visibility_seconds, settings.max_receives, settings.adapter) == (60, 3, "cloudwatch_alarm")
    assert settings.adapter_settings["severity"] == "critical"
    assert settings.is_fifo


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({}, "queues[0]"),
        ({"name": "eventops", "url": URL}, "queues[0]"),
        ({"name": "a b"}, "queues[0].name: must be the name of a queue"),
        ({"url": "sqs.eu-central-1.amazonaws.com/1/eventops"}, "queues[0].url: must be the URL of a queue"),
        ({"url": "https://user:secret@sqs.eu-central-1.amazonaws.com/1/eventops"}, "queues[0].url: must be the URL of a queue"),
        ({"name": "eventops", "region": "frankfurt"}, "queues[0].region: must be a region such as eu-central-1"),
        ({"url": URL, "region": "us-east-1"}, "queues[0].region: must be eu-central-1, as the URL says, got us-east-1"),
        ({"name": "eventops", "wait": 0}, "queues[0].wait: must be at least 1, got 0"),
        ({"name": "eventops", "wait": 21}, "queues[0].wait: must be at most 20, got 21"),
        ({"name": "eventops", "visibility": 1}, "queues[0].visibility: must be at least 5, got 1"),
        ({"name": "eventops", "receivers": 99}, "queues[0].receivers: must be at most 16, got 99"),
        ({"name": "eventops", "max_recieves": 3}, "queues[0].max_recieves: unknown key, did you mean max_receives?"),
        ({"name": "eventops", "adapter": "cloudwatch_alarms"}, "queues[0].adapter: must be one of"),
        ({"name": "eventops", "adapter": {"cloudwatch_alarm": {"severity": "bad"}}}, "queues[0].adapter.cloudwatch_alarm.severity: must be one of"),
    ],
)
def test_each_mistake_is_told_with_its_place(written, text):
    _settings, mistakes = read_entry(**written)
    assert any(mistake.startswith(text) for mistake in mistakes), mistakes
    assert "secret" not in str(mistakes)
