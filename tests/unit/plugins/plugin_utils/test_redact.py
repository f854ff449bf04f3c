# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS, REDACTED, redact
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "key",
    ["password", "db_password", "PASSWORD", "Authorization", "X-API-Key", "api key", "apiKey", "private-key", "netbox.token", "clientSecret", "passwdFile"],
)
def test_a_secret_is_known_by_its_name(key):
    assert redact({key: "hunter2"}) == {key: REDACTED}


@pytest.mark.parametrize("key", ["host", "keyboard", "public", "pass", "user", 5])
def test_other_names_keep_their_values(key):
    assert redact({key: "web-01"}) == {key: "web-01"}


def test_everything_under_a_secret_name_goes():
    assert redact({"secrets": {"a": [1, 2]}, "list": [{"tokens": [1, 2]}]}) == {"secrets": REDACTED, "list": [{"tokens": REDACTED}]}


def test_null_and_booleans_tell_no_secret():
    kept = {"token": None, "password_expired": True}
    assert redact(kept) == kept


def test_header_lists_are_redacted():
    headers = [["Host", "a"], ["Authorization", "Bearer x"], ("X-Auth-Token", "y")]
    assert redact({"headers": headers}) == {"headers": [["Host", "a"], ["Authorization", REDACTED], ["X-Auth-Token", REDACTED]]}
    named = [{"name": "Authorization", "value": "Bearer x"}, {"key": "Host", "value": "a"}]
    assert redact(named) == [{"name": "Authorization", "value": REDACTED}, {"key": "Host", "value": "a"}]


def test_a_list_of_hosts_is_no_pair_and_an_alert_about_tokens_keeps_its_value():
    event = {
        "hosts": ["token-server", "web-01"],
        "data": {"name": "TokenExpired", "value": "0.5"},
        "alerts": [{"name": "TokenExpired", "value": 1, "labels": {}}],
    }
    assert redact(event) == event


def test_a_name_that_is_json_is_redacted_inside():
    text = '{"password": "hunter2"}'
    assert "hunter2" not in json.dumps(redact([[text, "x"], {"name": text, "value": "x"}]))


def test_a_text_that_is_json_is_redacted_inside():
    message = json.dumps({"db": json.dumps({"password": "hunter2", "user": "ann"}), "n": 1})
    assert "hunter2" not in json.dumps(redact({"body": message}))
    assert json.loads(json.loads(redact(message))["db"]) == {"password": REDACTED, "user": "ann"}
    assert "hunter2" not in redact('{"p\\u0061ssword": "hunter2"}')


@pytest.mark.parametrize("text", ['{"user":   "password is fine"}', '{"token" not json', "token: abc", "[" * 100_000 + "token", '["token"]'])
def test_a_text_without_a_secret_keeps_its_spelling(text):
    assert redact(text) == text


def test_the_words_are_the_users():
    assert redact({"pin": 1, "password": 2}, ["PIN"]) == {"pin": REDACTED, "password": 2}
    assert redact({"password": 2}, []) == {"password": 2}
    assert redact({"password": 2}, [""]) == {"password": 2}


def test_the_given_value_stays_as_it_was():
    given_value = {"a": [{"password": "x"}]}
    redact(given_value)
    assert given_value == {"a": [{"password": "x"}]}


def test_too_deep_a_value_is_refused():
    deep: list = []
    for _level in range(1000):
        deep = [deep]
    with pytest.raises(TooDeep):
        redact(deep)


# hypothesis also tries the constants of this file.
_TEXT = st.text().filter(lambda text: "s3cr3t" not in text)


@given(
    st.recursive(
        _TEXT | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(_TEXT, inner, max_size=3)
            | st.builds(lambda word, secret: {word: "s3cr3t", "x": secret}, st.sampled_from(DEFAULT_WORDS), inner)
            | st.builds(lambda word: [["Host", "a"], [word, "s3cr3t"]], st.sampled_from(DEFAULT_WORDS))
            | st.builds(lambda value: json.dumps({"password": "s3cr3t", "more": value}), inner)
        ),
        max_leaves=10,
    ).filter(lambda value: not isinstance(value, str) or value[:1] == "{")
)
def test_no_secret_under_a_secret_name_is_left_however_nested(value):
    redacted = redact(value)
    assert "s3cr3t" not in json.dumps(redacted)
    assert redact(redacted) == redacted
