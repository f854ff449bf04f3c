# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Event Grid asks for a code back."""

from __future__ import annotations

import asyncio

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.handshakes.event_grid_validation import EventGridValidation

TOPIC = "/subscriptions/319a9601-1ec0-0000-aebc-8fe82724c81e/resourceGroups/ops/providers/Microsoft.EventGrid/topics/alarms"
# Azure Event Grid documentation, "Endpoint validation with Event Grid event schema"
VALIDATION = [
    {
        "id": "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66",
        "topic": TOPIC,
        "subject": "",
        "data": {
            "validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
            "validationUrl": "https://rp-eastus2.eventgrid.azure.net:553/eventsubscriptions/myeventsub/validate?id=0000&token=1A1A1A1A",
        },
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": "2022-10-28T04:23:35.1981776Z",
        "metadataVersion": "1",
        "dataVersion": "1",
    }
]


def ask(payload, *topics):
    return asyncio.run(EventGridValidation(topics).answer("POST", {"aeg-event-type": "SubscriptionValidation"}, payload))


@pytest.mark.parametrize("topics", [(TOPIC,), ("other", TOPIC.lower()), ("/subscriptions/319a9601-*/topics/*",), ("*",)])
def test_the_code_is_answered_for_a_topic_that_is_expected(topics):
    answer = ask(VALIDATION, *topics)
    assert answer.status == 200 and answer.body == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    assert ask(VALIDATION[0], *topics) == answer


@pytest.mark.parametrize("topics", [(), ("",), (TOPIC + "2",), (TOPIC[:-1],), ("/subscriptions/319a9601-*/topics/",), ("alarms",)])
def test_another_topic_is_told_what_to_set(topics):
    answer = ask(VALIDATION, *topics)
    assert answer.status == 403 and "topics" in answer.body and "512d38b6" not in answer.body


@pytest.mark.parametrize(
    "changes",
    [{"topic": None}, {"data": None}, {"data": {}}, *({"data": {"validationCode": code}} for code in ("", 5, "x" * 1001))],
)
def test_a_validation_that_is_none_gets_no_code(changes):
    assert ask([{**VALIDATION[0], **changes}], "*").status == 403


@pytest.mark.parametrize(
    "payload",
    [None, [], {}, "x", [{"eventType": "Microsoft.Storage.BlobCreated"}], [VALIDATION], [*VALIDATION, *VALIDATION], {"eventType": []}],
)
def test_what_is_no_handshake_is_left_to_others(payload):
    assert ask(payload, "*") is None
