# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told of an error holds no secret."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import REDACTED
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import without_secrets
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("url='https://nb.example/api?token=s3cr3t&limit=5'", "url='https://nb.example/api?token=***&limit=***'"),
        ("ClientResponseError: 403, url=URL('https://h/?sig=a%2Bb'), gone", "ClientResponseError: 403, url=URL('https://h/?sig=***'), gone"),
        ("Max retries exceeded with url: /hook/x?key=abc (Caused by Timeout)", "Max retries exceeded with url: /hook/x?key=*** (Caused by Timeout)"),
        ("https://h/x?abcdef0123456789", "https://h/x?***"),
        ("https://h/x?a=1;b=2#c=3", "https://h/x?a=***;b=***"),
        ("https://h/x?a=b=c&d=", "https://h/x?a=***&d="),
        ("https://h:8443/x?a=you?b=me", "https://h:8443/x?a=***"),
        ("https://me:p@ss@h/x", "https://me:***@h/x"),
        ("amqp://me:pa/ss@h/vhost", "amqp://me:***@h/vhost"),
        ("amqp://:pass@h", "amqp://:***@h"),
        ("postgresql://me:1234@h/db", "postgresql://me:***@h/db"),
        ("cannot reach https://h:8443/users/ann@example.com", "cannot reach https://h:8443/users/ann@example.com"),
        ("http://[::1]:8080/ann@example.com", "http://[::1]:8080/ann@example.com"),
        ("https://h/a and http://me:x@i/b?c=d.", "https://h/a and http://me:***@i/b?c=***."),
        ("is /etc/passwd there? no", "is /etc/passwd there? no"),
    ],
)
def test_no_url_shows_what_it_lets_in_with(text, expected):
    assert without_secrets(text, {}) == expected.replace("***", REDACTED)


@given(st.text("abcXYZ019-._~%+/?:@!$'()*,", min_size=4, max_size=30), st.text("abc", min_size=1, max_size=5))
def test_no_value_of_a_query_is_left(value, name):
    secret = f"KEY{value}KEY"
    assert "KEY" not in without_secrets(f"GET https://nb.example:8443/api/{name}?page=2&{name}={secret} failed", {})


def test_a_long_error_is_short_at_once():
    assert len(without_secrets("://:" * 1_000_000, {})) <= 500
