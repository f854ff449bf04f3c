# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets in texts that nobody could parse: what looks like a pair is found, whatever is in it, and in little time."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import DEFAULT_WORDS, REDACTED, redact
from hypothesis import example, given
from hypothesis import strategies as st

MARK = "§"  # in every secret, and nowhere else


def in_texts(text, words=DEFAULT_WORDS):
    return redact(text, words, in_texts=True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"password": "§", "user": "ann",}', '{"password": "[redacted]", "user": "ann",}'),
        ('{"X-API-Key":"§"} {"user": "ann"}', '{"X-API-Key":"[redacted]"} {"user": "ann"}'),
        ("{'db password': '§', 'user': 'ann'}", "{'db password': '[redacted]', 'user': 'ann'}"),
        ('["token" => "§", "user" => "ann"]', '["token" => "[redacted]", "user" => "ann"]'),
        ('{"token": 1§, "user": 1, }', '{"token": [redacted], "user": 1, }'),
        ('{"token": null, "secret": true, }', '{"token": null, "secret": true, }'),
        (r'{"a": "{\"token\": \"§\\\"§\", \"user\": \"ann\"}"', r'{"a": "{\"token\": \"[redacted]\", \"user\": \"ann\"}"'),
        # Where it is not clear how far it goes, all that follows is hidden.
        ('{"password": "§', '{"password": [redacted]'),
        ('{"password": "§"§", "user": "ann"', '{"password": [redacted]'),
        ('{"secrets": {"a": "§"}, "user": "ann", }', '{"secrets": [redacted]'),
        ('{"user": "ann", "note": "token expired"', '{"user": "ann", "note": "token expired"'),
    ],
)
def test_what_is_nearly_json_is_looked_through_everywhere(text, kept):
    assert redact(text) == in_texts(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("user=ann password=§ host=web-01", "user=ann password=[redacted] host=web-01"),
        ("user=ann&password=§&x=1", "user=ann&password=[redacted]"),
        ('level=info token="§ §" user=ann', 'level=info token="[redacted]" user=ann'),
        ("Host: a\r\nAuthorization: Bearer §\r\nAccept: b", "Host: a\r\nAuthorization: [redacted]\r\nAccept: b"),
        ("Authorization=Bearer §", "Authorization=[redacted]"),
        ("Secret access key: §\nuser: ann", "Secret access key: [redacted]\nuser: ann"),
        ('{"log": "password=§", "user": "ann"', '{"log": "password=[redacted]", "user": "ann"'),
        ("token='§", "token=[redacted]"),
        ("password: it's §", "password: [redacted]"),
        ("secrets:\n  a: §", "secrets:[redacted]"),
        ("password=none token: null", "password=none token: null"),
        ("the token expired, status=5 (api key 7)", "the token expired, status=5 (api key 7)"),
    ],
)
def test_pairs_without_quotes_are_looked_for_in_what_nobody_could_read_alone(text, kept):
    assert in_texts(text) == kept
    assert in_texts({"a": [text]}) == {"a": [kept]}
    assert redact(text) == text


def test_words_of_the_users_own():
    assert in_texts("Kennwort: §\ntoken: 5", ["kennwort"]) == "Kennwort: [redacted]\ntoken: 5"
    for word in ("Пароль", "contraseña", "ñu-x"):
        for ascii_alone in (True, False):
            text = json.dumps({word.upper(): MARK, "user": "ann"}, ensure_ascii=ascii_alone)[:-1]
            assert redact(text, [word]).endswith(f': "{REDACTED}", "user": "ann"'), text
    assert in_texts("password=x", []) == "password=x"
    assert in_texts("a+b=§ #c=§", ["+b", "#c"]) == "a+b=[redacted] #c=[redacted]"


def test_a_text_of_json_within_what_nobody_could_read_stays_json():
    text = json.dumps({"password": MARK, "line": f"token={MARK}"})
    assert json.loads(in_texts(text)) == {"password": REDACTED, "line": f"token={REDACTED}"}
    assert json.loads(redact(text))["line"] == f"token={MARK}"


SECRETS = st.text(st.sampled_from('§"\\ ,:;{}[]()\'\n&=ab0'), min_size=1, max_size=12).map(lambda text: f"{MARK}{MARK.join(text)}{MARK}")
SECRET_NAMES = st.sampled_from(["password", "db_Password", "API key", "x-auth-token", "private.key", "tokens", "secret access key"])
PLAIN = st.text(st.sampled_from('ab0"\\ ,:{}\'\n='), max_size=12) | st.integers() | st.booleans() | st.none()
OBJECTS = st.lists(st.tuples(SECRET_NAMES, SECRETS) | st.tuples(st.sampled_from(["user", "host"]), PLAIN), max_size=5)


def spelled(pairs, level, ascii_alone):
    """Return an object as JSON writes it, with a key twice where it is there twice, in texts of JSON of so many levels."""
    text = "{" + ", ".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=ascii_alone)}" for key, value in pairs) + "}"
    for _level in range(level):
        text = json.dumps({"body": text, "user": "ann"}, ensure_ascii=ascii_alone)
    return text


@given(pairs=OBJECTS, level=st.integers(0, 3), ascii_alone=st.booleans(), share=st.floats(0, 1), more=st.sampled_from(["", "}", ",", ' "x": 1}', "\n"]))
@example(pairs=[("password", "§\\"), ("tokens", "§")], level=0, ascii_alone=False, share=1.0, more=",")
def test_no_secret_is_left_of_json_that_is_cut_off_or_broken(pairs, level, ascii_alone, share, more):
    whole = spelled(pairs, level, ascii_alone)
    text = whole[: round(len(whole) * share)] + more
    for kept in (redact(text), in_texts(text)):
        assert MARK not in kept and "u00a7" not in kept


LINES = st.lists(st.tuples(SECRET_NAMES, st.text("abc0+/=.-", min_size=1, max_size=12).map(MARK.join)) | st.tuples(st.just("user"), st.just("ann")), max_size=5)


@given(LINES)
def test_no_secret_is_left_of_a_line_or_of_headers(pairs):
    for text in (" ".join(f"{key}={MARK}{value}" for key, value in pairs), "\r\n".join(f"{key}: {MARK}{value}" for key, value in pairs)):
        kept = in_texts(text.replace(f"{MARK}ann", "ann"))
        assert MARK not in kept
        assert kept.count("ann") == sum(key == "user" for key, _value in pairs), "what is no secret stays"


PARTS = ["token", "Password", " ", '"', "'", ": ", ":", "=", "\\", "{", "[", "}", ",", "a", "b c", "\n", REDACTED, "null"]


@given(st.lists(st.sampled_from(PARTS), max_size=12))
def test_done_again_nothing_more_is_hidden(parts):
    for beginning in ("", "{"):
        once = in_texts(beginning + "".join(parts))
        assert in_texts(once) == once
        assert redact(redact(once)) == redact(once)


@pytest.mark.parametrize(
    "part",
    [
        *("token", "token=", "token= ", "token: a\n", 'token="a" ', "token='a' b ", "token\\\\", '"token" ', '"token": "x",', '"token": \\', '"token": "\\'),
        *("\\", "p---", "  ", '"'),
    ],
)
def test_it_takes_time_by_the_length_of_the_text(part):
    """Ten times as much takes about ten times as long, and not a hundred times, as a square would."""

    def seconds(length):
        text = "{" + (part * length)[:length] + ' "password'
        spent = []
        for _attempt in range(3):
            begun = time.thread_time()
            in_texts(text)
            spent.append(time.thread_time() - begun)
        return min(spent)

    assert seconds(250_000) < 20 * seconds(25_000) + 0.05
