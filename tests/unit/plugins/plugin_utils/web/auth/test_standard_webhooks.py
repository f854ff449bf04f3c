# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `standard_webhooks`."""

from __future__ import annotations

import base64
import hmac

from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import assert_stranger, delivery, mistakes_of, verifier

# The example of Svix's documentation, "Verifying webhooks manually", from which the specification comes.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

NEW_KEY = bytes(range(32))
NEW_SECRET = base64.b64encode(NEW_KEY).decode()


def sent(signature=SIGNATURE, webhook_id=ID, timestamp=TIMESTAMP, body=BODY, now=TIMESTAMP, more=()):
    headers = [("webhook-id", webhook_id), ("webhook-timestamp", str(timestamp)), ("webhook-signature", signature)]
    return delivery(*headers, *more, body=body, now=now)


def signed(webhook_id=ID, timestamp=TIMESTAMP, body=BODY, key=NEW_KEY):
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, "sha256").digest()).decode()


def test_the_documented_example_is_taken():
    made = verifier("standard_webhooks", secrets=[SECRET])
    assert made.verify(sent()) == ID
    assert made.verify(sent(f"v1a,{'A' * 80} v1,AAAA {SIGNATURE}")) == ID, "the key of the sender is being changed"
    assert made.reads_body


def test_each_secret_is_taken():
    made = verifier("standard_webhooks", secrets=[SECRET, NEW_SECRET])
    assert made.verify(sent()) == ID
    assert made.verify(sent(signed())) == ID


def test_what_was_changed_on_its_way_is_a_strangers():
    made = verifier("standard_webhooks", secrets=[SECRET])
    assert_stranger(
        made,
        sent(body=BODY + b" "),
        sent(body=b'{"test":2432232314}'),
        sent(webhook_id="msg_other"),
        sent(timestamp=TIMESTAMP + 1),
        sent(signed()),
        sent(SIGNATURE.removeprefix("v1,")),
        sent(SIGNATURE.replace("v1", "v2")),
        sent(SIGNATURE.replace("v1", "v1a")),
        sent(SIGNATURE.rstrip("=")),
        sent(f"v1,AAAA,{SIGNATURE}"),
        sent("v1,"),
        sent(""),
        sent("v1,\udcff"),
        sent(more=[("webhook-signature", SIGNATURE)]),
        sent(more=[("webhook-id", ID)]),
        sent(more=[("webhook_signature", SIGNATURE)]),
        sent(more=[("Webhook_ID", ID)]),
        delivery(body=BODY, now=TIMESTAMP),
    )


def test_what_is_old_or_from_the_future_is_a_strangers():
    made = verifier("standard_webhooks", secrets=[SECRET])
    assert made.verify(sent(now=TIMESTAMP + 300)) == made.verify(sent(now=TIMESTAMP - 300)) == ID
    assert_stranger(made, sent(now=TIMESTAMP + 301), sent(now=TIMESTAMP - 301), why="at most 300 are taken")
    assert verifier("standard_webhooks", secrets=[SECRET], tolerance=900).verify(sent(now=TIMESTAMP + 900)) == ID


def test_a_dot_does_not_move_what_was_signed_from_one_header_to_another():
    made = verifier("standard_webhooks", secrets=[NEW_SECRET])
    body = b"%d.{}" % TIMESTAMP
    assert made.verify(sent(signed("msg", body=body), "msg", body=body)) == "msg"
    assert_stranger(made, sent(signed("msg", body=body), f"msg.{TIMESTAMP}", body=b"{}"), why="no dot")


def test_a_secret_that_is_no_key_is_a_mistake():
    said = mistakes_of({"standard_webhooks": {"secrets": [SECRET, "whsec_nobase64!"]}})
    assert said == "auth.standard_webhooks.secrets[1]: must be whsec_ and a key in base64, as the sender shows it"
    assert "base64" in mistakes_of({"standard_webhooks": {"secrets": ["whsec_"]}})
    assert "MfKQ" not in repr(verifier("standard_webhooks", secrets=[SECRET])) and "g0hM" not in repr(verifier("standard_webhooks", secrets=[SECRET]))
