# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The scheme `key`, and its preset `gitlab`."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import (
    OTHER_TOKEN,
    TOKEN,
    assert_stranger,
    delivery,
    mistakes_of,
    verifier,
)


@pytest.mark.parametrize("made", [verifier("key", header="X-Gitlab-Token", secrets=[TOKEN, OTHER_TOKEN]), verifier("gitlab", secrets=[TOKEN, OTHER_TOKEN])])
def test_a_key_in_a_header(made):
    for secret in (TOKEN, OTHER_TOKEN):
        assert made.verify(delivery(("x-gitlab-token", secret))) is None
    right = ("X-Gitlab-Token", TOKEN)
    assert_stranger(
        made,
        delivery(),
        delivery(("X-Gitlab-Token", "")),
        delivery(("X-Gitlab-Token", TOKEN[1:])),
        delivery(("X-Gitlab-Token", f"{TOKEN},{OTHER_TOKEN}")),
        delivery(("X_Gitlab_Token", TOKEN)),
        delivery(("X-Gitlab-Token ", TOKEN)),
        delivery(query=[("X-Gitlab-Token", TOKEN)]),
        delivery(right, right),
        delivery(right, ("X_GITLAB-token", OTHER_TOKEN)),
    )
    assert not made.reads_body


def test_a_key_in_the_url():
    made = verifier("key", query="code", secrets=[TOKEN])
    assert made.verify(delivery(query=[("code", TOKEN), ("other", "1")])) is None
    assert_stranger(
        made,
        delivery(),
        delivery(("code", TOKEN)),
        delivery(query=[("code", "")]),
        delivery(query=[("Code", TOKEN)]),
        delivery(query=[("code", TOKEN[1:])]),
        delivery(query=[("code", TOKEN), ("code", TOKEN)]),
        delivery(query=[("code", "\udcff")]),
    )


def test_where_the_key_stands_is_said_once():
    assert "header" in mistakes_of({"key": {"secrets": [TOKEN]}})
    assert "auth.key" in mistakes_of({"key": {"header": "X-Api-Key", "query": "code", "secrets": [TOKEN]}})
    assert "auth.key.header: must be the name of a header" in mistakes_of({"key": {"header": "x_api_key", "secrets": [TOKEN]}})
    assert "auth.gitlab.secrets[0]: must be at least 16" in mistakes_of({"gitlab": {"secrets": ["short"]}})
