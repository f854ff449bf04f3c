# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `bearer`."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import NotAuthenticated
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import (
    OTHER_TOKEN,
    TOKEN,
    assert_stranger,
    delivery,
    mistakes_of,
    verifier,
)


def bearer(value):
    return delivery(("Authorization", value))


def test_each_token_is_taken():
    made = verifier("bearer", {"NEW": f"{OTHER_TOKEN}\n"}, secrets=[TOKEN, {"env": "NEW"}])
    for value in (f"Bearer {TOKEN}", f"bearer {OTHER_TOKEN}", f"BEARER  {TOKEN} "):
        assert made.verify(bearer(value)) is None
    assert not made.reads_body


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN.upper()}",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer\t{TOKEN}",
        f"Bearer {TOKEN},{OTHER_TOKEN}",
        "Bearer \udcff\ud800é",
    ],
)
def test_anything_else_is_a_strangers(value):
    assert_stranger(verifier("bearer", secrets=[TOKEN]), bearer(value))


def test_a_header_that_is_there_twice_is_nobodys():
    right = ("Authorization", f"Bearer {TOKEN}")
    made = verifier("bearer", secrets=[TOKEN])
    assert_stranger(made, delivery(), why="no header Authorization")
    assert_stranger(made, delivery(right, right), delivery(right, ("authorization", "Bearer x")), why="several headers Authorization")


def test_the_sender_is_told_how_to_be_known():
    made = verifier("bearer", secrets=[TOKEN])
    for request, challenge in ((delivery(), "Bearer"), (bearer(f"Bearer {OTHER_TOKEN}"), 'Bearer error="invalid_token"')):
        with pytest.raises(NotAuthenticated) as refused:
            made.verify(request)
        assert refused.value.challenge == challenge


def test_tokens_that_can_be_guessed_or_sent_by_nobody_are_mistakes():
    for secret in ("short", f"{TOKEN} {TOKEN}", f"{TOKEN}é", "a" * 16, "abababab" * 4):
        said = mistakes_of({"bearer": {"secrets": [TOKEN, secret]}})
        assert said.startswith("auth.bearer.secrets[1]: must be at least 16 letters, digits and signs, 8 of them different") and secret not in said
    assert "the same as another" in mistakes_of({"bearer": {"secrets": [TOKEN, TOKEN]}})
    assert "NOT_SET is not set" in mistakes_of({"bearer": {"secrets": [{"env": "NOT_SET"}]}})


def test_nothing_shows_the_token():
    assert TOKEN not in repr(verifier("bearer", secrets=[TOKEN]))
