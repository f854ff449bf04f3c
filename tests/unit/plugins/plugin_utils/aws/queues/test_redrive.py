# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The redrive policy of a queue, where it takes messages before we put them aside."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.redrive import taken_earlier

TARGET = "arn:aws:sqs:eu-central-1:123456789012:eventops-dead"


def policy(most):
    return {"RedrivePolicy": json.dumps({"deadLetterTargetArn": TARGET, "maxReceiveCount": most})}


@pytest.mark.parametrize("most", [1, 4, "4"])
def test_what_is_taken_earlier_is_said(most):
    assert TARGET in taken_earlier(policy(most), 5)


@pytest.mark.parametrize("attributes", [{}, policy(5), policy(1000), *({"RedrivePolicy": text} for text in ("", "[]", "{}", "{"))])
def test_else_nothing_is_said(attributes):
    assert taken_earlier(attributes, 5) is None
