# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `hmac` and its presets `netbox` and `github`."""

from __future__ import annotations

import base64
import hmac
import json
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import assert_stranger, delivery, mistakes_of, verifier

RECORDINGS = sorted((Path(__file__).absolute().parents[5] / "fixtures" / "netbox" / "webhooks").glob("*.json"))
SECRET, BODY = "s3cret", b'{"a": 1}'


def signed(body, secret=SECRET, algorithm="sha256"):
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_what_netbox_sends_is_taken_byte_for_byte(recording):
    sent = json.loads(recording.read_text(encoding="utf-8"))
    headers, body = list(sent["headers"].items()), sent["body"].encode()
    made = verifier("netbox", secrets=["the new one", SECRET])
    assert made.verify(delivery(*headers, body=body)) is None
    assert_stranger(
        made,
        delivery(*headers, body=json.dumps(json.loads(body), separators=(",", ":")).encode()),
        delivery(*headers, body=body + b"\n"),
        delivery(*headers, body=b""),
        delivery(*headers, *[pair for pair in headers if pair[0] == "X-Hook-Signature"], body=body),
        delivery(*[pair for pair in headers if pair[0] != "X-Hook-Signature"], body=body),
    )
    assert_stranger(verifier("netbox", secrets=["another"]), delivery(*headers, body=body))
    assert made.reads_body


def test_a_netbox_signature_by_a_weaker_algorithm_or_in_another_form_is_a_strangers():
    made = verifier("netbox", secrets=[SECRET])
    right = signed(BODY, algorithm="sha512")
    assert made.verify(delivery(("X-Hook-Signature", right), body=BODY)) is None
    for value in (signed(BODY), signed(BODY, algorithm="sha1"), f"sha512={right}", right[:64], f"{right} ", f"{right},{right}", "", "0" * 128):
        assert_stranger(made, delivery(("X-Hook-Signature", value), body=BODY))
    assert_stranger(made, delivery(("X_Hook_Signature", right), body=BODY), delivery(("X-Hook-Signature\t", right), body=BODY), why="no header|spelling")
    assert_stranger(made, delivery(("X-Hook-Signature", right), ("x_hook_signature", right), body=BODY), why="another spelling")


def test_what_github_documents_is_taken():
    # GitHub Docs, "Validating webhook deliveries", "Testing the webhook payload validation"
    made = verifier("github", secrets=["It's a Secret to Everybody"])
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    right = ("X-Hub-Signature-256", signature)
    assert made.verify(delivery(right, ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"), body=b"Hello, World!")) == (
        "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    )
    assert made.verify(delivery(right, body=b"Hello, World!")) is None
    assert_stranger(
        made,
        delivery(right, body=b"Hello, World"),
        delivery(("X-Hub-Signature-256", signature.removeprefix("sha256=")), body=b"Hello, World!"),
        delivery(("X-Hub-Signature-256", signature.replace("sha256", "sha1")), body=b"Hello, World!"),
        delivery(("X-Hub-Signature", signature), body=b"Hello, World!"),
        delivery(("x_hub_signature_256", signature), body=b"Hello, World!"),
        delivery(right, right, body=b"Hello, World!"),
    )


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_every_form_is_taken_as_it_is_configured(algorithm, encoding):
    made = verifier("hmac", header="X-Signature", algorithm=algorithm, encoding=encoding, prefix="v0:", secrets=["former", SECRET])
    for secret in ("former", SECRET):
        digest = hmac.new(secret.encode(), BODY, algorithm).digest()
        text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
        assert made.verify(delivery(("x-signature", f"v0:{text}"), body=BODY)) is None
        assert_stranger(made, delivery(("x-signature", text), body=BODY), delivery(("x-signature", f"v0:{text}"), body=b""))
        if encoding == "hex":
            assert made.verify(delivery(("x-signature", f"v0:{text.upper()}"), body=BODY)) is None


def test_with_a_timestamp_it_is_signed_and_fresh():
    made = verifier("hmac", header="X-Signature", timestamp_header="X-Timestamp", tolerance=60, secrets=[SECRET], id_header="X-Id")
    now = 1_700_000_000

    def sent(timestamp, body=BODY, signed_at=None):
        content = str(timestamp if signed_at is None else signed_at).encode() + b"." + BODY
        return delivery(("X-Signature", signed(content)), ("X-Timestamp", str(timestamp)), ("X-Id", "7"), body=body, now=now)

    for timestamp in (now, now - 60, now + 60):
        assert made.verify(sent(timestamp)) == "7"
    assert_stranger(made, sent(now - 61), why="61 seconds in the past, at most 60")
    assert_stranger(made, sent(now + 61), why="61 seconds in the future")
    assert_stranger(made, sent(now, signed_at=now - 3600), sent(now, body=b"{}"), why="not that of this body")
    for text in ("", "now", "1e9", "-5", f"{now}.0", "١٢", f" {now}", "9" * 400):
        assert_stranger(made, sent(text))
    right = sent(now).headers
    assert_stranger(made, delivery(*right.items(), ("X-Timestamp", str(now)), body=BODY, now=now), delivery(("X-Signature", signed(BODY)), body=BODY, now=now))


def test_bytes_that_are_no_text_are_a_strangers():
    for scheme in ("netbox", "github"):
        made = verifier(scheme, secrets=[SECRET])
        assert_stranger(made, delivery((made.header, "sha256=\udcff\udcfe\ud800é"), body=BODY))


def test_settings_that_mean_nothing_are_mistakes():
    assert "timestamp_header: is missing; tolerance needs it" in mistakes_of({"hmac": {"header": "X-A", "secrets": [SECRET], "tolerance": 5}})
    assert "auth.hmac.algorithm: must be one of sha256" in mistakes_of({"hmac": {"header": "X-A", "secrets": [SECRET], "algorithm": "md5"}})
    assert "auth.hmac.header: is missing" in mistakes_of({"hmac": {"secrets": [SECRET]}})
    assert SECRET not in repr(verifier("netbox", secrets=[SECRET]))
