# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The webhooks that NetBox 4.6.8 was recorded to send, and the forms that other versions send them in: the source knows from each where to look."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import urllib.error
import urllib.request

import pytest
from ansible_collections.eventops.infra.tests.doubles.netbox.versions import is_before

from .followed import WATCHED, free_port, webhook
from .lab import FIXTURES

RECORDED = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((FIXTURES / "webhooks").glob("*.json"))]
SECRET = "s3cret"


def of_version(body: dict, version: str) -> dict:
    """Return a recorded body as a version has it."""
    derived = {name: value for name, value in body.items() if name != "object_type"}
    if is_before(version, "4.5"):
        derived["model"] = body["object_type"].partition(".")[2]
    else:
        derived["object_type"] = body["object_type"]
    if is_before(version, "4.6"):
        del derived["request"]
    if not is_before(version, "4.7"):
        del derived["username"], derived["request_id"]
    return derived


def hints_of(bodies: list[dict]) -> set[str]:
    """Return what is to be looked for: each object that a request changed, once, if it is watched, and anything was changed."""
    return {
        f"hint/{body['object_type']}/{body['data']['id']}/{body['request_id']}"
        for body in bodies
        if body["object_type"] in WATCHED and not (body["event"] == "updated" and body["snapshots"]["prechange"] == body["snapshots"]["postchange"])
    }


def post(url: str, content: bytes, signature: str) -> int:
    """Post a body and return the status."""
    request = urllib.request.Request(url, content, {"Content-Type": "application/json", "X-Hook-Signature": signature})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def deliver(followed, contents: list[tuple[bytes, str]]) -> tuple[list[int], set[str]]:
    """Post bodies with their signatures to a source, and return the answers and what it remembers to look for."""
    port = free_port()
    source = followed(webhook={**webhook(port), "secrets": [SECRET]}, catch_up={"interval": 3600, "overlap": 3600})

    async def scene():
        async with source.running():
            await source.until_begun()
            statuses = [await asyncio.to_thread(post, f"http://127.0.0.1:{port}/netbox", *each) for each in contents]
            return statuses, set(source.remembered("hint/"))

    statuses, hints = asyncio.run(scene())
    assert source.events() == []  # nothing of this is in the change log
    return statuses, hints


def test_each_is_taken_byte_for_byte_by_its_own_signature(followed):
    bodies = [json.loads(each["body"]) for each in RECORDED]
    statuses, hints = deliver(followed, [(each["body"].encode(), each["headers"]["X-Hook-Signature"]) for each in RECORDED])
    assert statuses == [202] * len(RECORDED)
    assert hints == hints_of(bodies)
    assert len(hints) > 10


@pytest.mark.parametrize("version", ["4.0.11", "4.2.9", "4.4.10", "4.5.10", "4.6.8", "4.7.0"])
def test_in_the_form_of_each_version_it_says_the_same(followed, version):
    bodies = [json.loads(each["body"]) for each in RECORDED]
    contents = [json.dumps(of_version(body, version)).encode() for body in bodies]
    statuses, hints = deliver(followed, [(content, hmac.new(SECRET.encode(), content, hashlib.sha512).hexdigest()) for content in contents])
    assert statuses == [202] * len(RECORDED)
    assert hints == hints_of(bodies)


def test_one_that_was_altered_on_its_way_is_not_taken(followed):
    contents = [(each["body"].encode().replace(b'"id": 1', b'"id": 2', 1) + b" ", each["headers"]["X-Hook-Signature"]) for each in RECORDED]
    assert deliver(followed, contents) == ([401] * len(RECORDED), set())
