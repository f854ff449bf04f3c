# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Feedback as a rulebook writes it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.settings import SCHEMA, Feedback, read
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes


@pytest.mark.parametrize(
    ("written", "feedback"),
    [
        (False, None),
        ({"metrics": "eventops"}, Feedback("eventops")),
        ({"tag": "eventops:case"}, Feedback(None, "eventops:case")),
        ({"metrics": "Ops/eventops", "tag": "last case"}, Feedback("Ops/eventops", "last case")),
    ],
)
def test_it_is_off_or_says_what_is_written(written, feedback):
    mistakes = Mistakes()
    assert read(written, "feedback", mistakes) == feedback
    assert not mistakes


def test_it_is_off_by_default():
    assert SCHEMA["default"] is False


@pytest.mark.parametrize(
    ("written", "where"),
    [
        (True, "feedback"),
        ({}, "feedback"),
        ({"metrics": "AWS/EC2"}, "feedback.metrics"),
        ({"metrics": "två"}, "feedback.metrics"),
        ({"tag": "aws:case"}, "feedback.tag"),
        ({"tag": "x" * 129}, "feedback.tag"),
        ({"tags": "x"}, "feedback.tags"),
    ],
)
def test_what_aws_would_not_take_is_said_at_the_start(written, where):
    mistakes = Mistakes()
    assert read(written, "feedback", mistakes) is None
    assert [path for path, _text in mistakes.found] == [where]
