# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A comparison tells nothing by the time it takes: all secrets are compared, by hmac.compare_digest, and nowhere else."""

from __future__ import annotations

import ast
import base64
import hmac
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.web import auth as package
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.comparison import is_one_of
from ansible_collections.eventops.infra.plugins.plugin_utils.web.auth.verifier import NotAuthenticated
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.web.auth.sender import OTHER_TOKEN, TOKEN, delivery, verifier
from hypothesis import given
from hypothesis import strategies as st

SECRETS = [TOKEN, TOKEN[::-1], OTHER_TOKEN]
FILES = sorted(path for folder in package.__path__ for path in Path(folder).glob("*.py"))


@given(st.binary(max_size=20), st.lists(st.binary(max_size=20), max_size=5))
def test_it_says_what_in_says(value, known):
    assert is_one_of(value, known) is (value in known)


def basic(name, password):
    return delivery(("Authorization", f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"))


def hmac_of(secret, algorithm):
    return hmac.new(secret.encode(), b"{}", algorithm).hexdigest()


@pytest.mark.parametrize("secret", [*SECRETS, "another"])
@pytest.mark.parametrize(
    ("scheme", "settings", "sent"),
    [
        ("bearer", {"secrets": SECRETS}, lambda secret: delivery(("Authorization", f"Bearer {secret}"))),
        ("key", {"header": "X-Key", "secrets": SECRETS}, lambda secret: delivery(("X-Key", secret))),
        ("key", {"query": "key", "secrets": SECRETS}, lambda secret: delivery(query=[("key", secret)])),
        ("gitlab", {"secrets": SECRETS}, lambda secret: delivery(("X-Gitlab-Token", secret))),
        ("basic", {"users": [{"name": "a", "password": each} for each in SECRETS]}, lambda secret: basic("a", secret)),
        ("netbox", {"secrets": SECRETS}, lambda secret: delivery(("X-Hook-Signature", hmac_of(secret, "sha512")), body=b"{}")),
        ("github", {"secrets": SECRETS}, lambda secret: delivery(("X-Hub-Signature-256", f"sha256={hmac_of(secret, 'sha256')}"), body=b"{}")),
    ],
)
def test_every_secret_is_compared_whichever_is_right(scheme, settings, sent, secret, monkeypatch):
    made, compared = verifier(scheme, **settings), []

    def compare_digest(one, other, compare=hmac.compare_digest):
        assert isinstance(one, bytes) and isinstance(other, bytes)
        compared.append(other)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    if secret in SECRETS:
        made.verify(sent(secret))
    else:
        with pytest.raises(NotAuthenticated):
            made.verify(sent(secret))
    assert len(compared) == len(set(compared)) == len(SECRETS)


def test_every_signature_of_a_header_is_compared(monkeypatch):
    keys = [bytes([number]) * 24 for number in range(3)]
    made, compared = verifier("standard_webhooks", secrets=[base64.b64encode(key).decode() for key in keys]), []
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other, compare=hmac.compare_digest: (compared.append(one), compare(one, other))[1])
    signatures = ["v1," + base64.b64encode(hmac.new(key, b"msg.1700000000.", "sha256").digest()).decode() for key in keys]
    headers = [("webhook-id", "msg"), ("webhook-timestamp", "1700000000"), ("webhook-signature", " ".join(signatures))]
    assert made.verify(delivery(*headers)) == "msg"
    assert len(compared) == 9


# While starting, and the names of headers.
NO_SECRETS = {("basic.py", "known in users"), ("sent.py", "given.replace('_', '-').lower() == name.lower()")}


def test_nothing_else_compares_what_could_be_a_secret():
    """What else the schemes compare has a constant on one side, or is a name or a length: look at what it is when this list grows."""
    assert len(FILES) > 10
    words = ("secret", "token", "key", "password", "user", "signature", "digest", "credential", "wanted", "given", "known")
    for path in FILES:
        tree = ast.parse(path.read_text(encoding="utf-8"), path.name)
        compares_digests = any(isinstance(node, ast.Attribute) and node.attr == "compare_digest" for node in ast.walk(tree))
        assert compares_digests == (path.name == "comparison.py"), path.name
        for comparison in (node for node in ast.walk(tree) if isinstance(node, ast.Compare)):
            text = ast.unparse(comparison)
            by_value = any(isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)) for operator in comparison.ops)
            with_constant = any(isinstance(operand, ast.Constant) for operand in (comparison.left, *comparison.comparators))
            if by_value and not with_constant and (path.name, text) not in NO_SECRETS:
                assert not any(word in text.lower() for word in words), f"{path.name}: {text}"
