# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is too easy to guess is refused, or warned of, by its place in the rulebook and by nothing else."""

from __future__ import annotations

import base64
import logging

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.web.secret_strength import require_length, require_token
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import TOKEN, mistakes_of, verifiers


def said(check, secret):
    mistakes = Mistakes()
    assert check(secret, "place", mistakes) is not bool(mistakes)
    return "".join(text for _place, text in mistakes.found)


@pytest.mark.parametrize("secret", ["", TOKEN[:15], "a" * 40, "abcdefg" * 5, f"{TOKEN} ", f"{TOKEN}\n", f"{TOKEN}\x7f", f"{TOKEN}é"])
def test_what_is_sent_as_it_is_must_be_long_and_by_chance(secret):
    assert said(require_token, secret).startswith("must be at least 16 letters, digits and signs, 8 of them different, no spaces; ")


@pytest.mark.parametrize("secret", [TOKEN[:16], "abcdefgh" * 2, "!~" + TOKEN])
def test_a_token_is_taken(secret):
    assert not said(require_token, secret)


def by(scheme, secret):
    """Return the `auth` of a scheme that takes what others have chosen, and the secret's place in it."""
    if scheme == "basic":
        return {"basic": {"users": [{"name": "ann", "password": secret}]}}, "auth.basic.users[0].password"
    more = {"header": "X-Signature"} if scheme == "hmac" else {}
    written = f"whsec_{base64.b64encode(secret.encode()).decode()}" if scheme == "standard_webhooks" else secret
    return {scheme: {"secrets": [written], **more}}, f"auth.{scheme}.secrets[0]"


@pytest.mark.parametrize("scheme", ["basic", "github", "hmac", "netbox", "standard_webhooks"])
def test_what_another_system_may_have_chosen_can_be_shorter_and_is_warned_of(scheme, caplog):
    for secret in ("x", "s3cre"):
        auth, place = by(scheme, secret)
        lines = mistakes_of(auth)
        assert lines.startswith(f"{place}: must be at least 6 characters, better 16") and secret not in lines.replace("must", "").split()
    assert not caplog.records
    auth, place = by(scheme, "s3cret")
    assert len(verifiers(auth)) == 1
    assert [(record.levelno, record.getMessage().partition(";")[0]) for record in caplog.records] == [
        (logging.WARNING, f"{place} has fewer than 16 characters and may be guessed")
    ]
    assert "s3cret" not in caplog.text and base64.b64encode(b"s3cret").decode() not in caplog.text
    caplog.clear()
    assert len(verifiers(by(scheme, TOKEN[:16])[0])) == 1 and not caplog.records


def test_bytes_count_as_they_are():
    assert not said(require_length, bytes(6)) and said(require_length, bytes(5))
