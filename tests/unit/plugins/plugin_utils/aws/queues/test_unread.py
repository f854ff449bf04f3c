# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a message that cannot be kept."""

from __future__ import annotations

import itertools
import json

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.contents import ids_of
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.message import Message
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.queues.unread import LEAST, Unread, pause_seconds, put_aside
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import REDACTED, redact
from ansible_collections.eventops.infra.plugins.plugin_utils.redact_event import redacted
from ansible_collections.eventops.infra.plugins.plugin_utils.store.event_text import written

SOURCE = "aws:sqs:us-east-1:eventops"


def aside(body, reason="the body is no JSON", shortening=0):
    message = Message("1-2-3", body, "receipt", receives=5, sent_at="2026-01-31T12:00:00Z")
    return put_aside(message, "eventops", Unread(reason), AdapterContext(SOURCE, "2026-01-31T13:00:00Z", ids_of(message.id)), shortening=shortening)


def test_it_is_left_alone_for_longer_each_time():
    assert [pause_seconds(receives, 120) for receives in range(1, 9)] == [10, 20, 40, 80, 160, 320, 640, 900]
    assert [pause_seconds(receives, 5) for receives in range(1, 4)] == [5, 10, 20]
    assert pause_seconds(10_000, 120) == 900


def test_it_is_put_aside_with_its_reason():
    event = aside("hello")
    assert (event.type, event.id, event.source, event.hosts) == (RECEIVED, "1-2-3", SOURCE, ())
    assert event.dedup_key == f"{RECEIVED}/1-2-3"
    assert event.extra == {UNREAD: "the body is no JSON (receipt 5)"}
    assert event.data == {
        "name": "eventops",
        "queue": "eventops",
        "message_id": "1-2-3",
        "receives": 5,
        "sent_at": "2026-01-31T12:00:00Z",
        "body": "hello",
        "body_characters": 5,
    }


def test_a_secret_in_it_is_found_however_short_it_is_made():
    body = json.dumps({"password": "hunter2", "other": "x" * 100_000})
    for shortening in range(LEAST + 1):
        event = aside(body, shortening=shortening)
        kept = redact(event.data)
        assert "hunter2" not in json.dumps(kept)
        assert kept.get("body") is None or REDACTED in kept["body"]


def test_a_secret_is_found_in_what_is_no_json_too_however_short_it_is_made():
    for body in ('{"password": "hunter2", "text": "%s",}' % ("x" * 100_000), "user=ann password=hunter2 " + "x" * 100_000):
        for shortening in range(LEAST + 1):
            kept = redacted(aside(body, shortening=shortening), ("password",))
            assert "hunter2" not in json.dumps(kept.to_mapping())
            assert shortening == LEAST or REDACTED in kept.data["body"] and "xxx" in kept.data["body"]


def test_a_secret_by_the_users_own_words_is_found_in_json_that_was_cut_off():
    body = json.dumps({"pin": "hunter2", "more": "x" * 10_000})
    kept = redacted(aside(body, shortening=1), ("pin",))
    assert "hunter2" not in kept.data["body"] and "xxx" in kept.data["body"]


def test_it_is_made_shorter_each_time_it_is_refused():
    sizes = [len(written(aside("x" * 1_000_000, "y" * 100_000, shortening))) for shortening in range(LEAST + 1)]
    assert sizes[0] > 1_000_000 > 10_000 > sizes[1] > 2000 > sizes[LEAST]
    assert all(longer > shorter for longer, shorter in itertools.pairwise(sizes))
    assert aside("x" * 1_000_000, shortening=LEAST).data["body_characters"] == 1_000_000


def test_what_is_too_deep_to_be_looked_through_for_secrets_is_not_kept_in_part():
    assert "body" not in aside('{"a": ' * 200 + '{"password": "hunter2"}' + "}" * 200, shortening=1).data
