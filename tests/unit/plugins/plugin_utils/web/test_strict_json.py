# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A body has one meaning, whoever reads it."""

from __future__ import annotations

import json
import math

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.web.strict_json import MalformedJson, parse
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_as_json_reads_it(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    try:
        body = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        body = json.dumps(value).encode()
    assert parse(body) == json.loads(body) == value
    assert parse(b" \n" + body + b"\r\n\t") == value


@given(st.binary(max_size=60) | st.text(alphabet='[]{}":,.0123456789eE+-\\utruefalsn NaInfity', max_size=40).map(str.encode))
def test_anything_else_is_refused_or_means_what_json_says(body):
    try:
        value = parse(body)
    except MalformedJson as error:
        assert len(str(error)) < 300
        return
    assert value == json.loads(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is empty"),
        (b" \n ", "the body is empty"),
        (b'{"a": "\xff"}', "must be UTF-8, but byte 7 is not"),
        (b'{"a": "\xed\xa0\x80"}', "must be UTF-8, but byte 7 is not"),
        ('{"a": 1}'.encode("utf-16"), "must be UTF-8, but byte 0 is not"),
        (b'\xef\xbb\xbf{"a": 1}', "no JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' twice"),
        (b'{"a": 1, "\\u0061": 2}', "the key 'a' twice"),
        (b'[{"x": {"b": 1, "c": 2, "b": 1}}]', "the key 'b' twice"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b"[Infinity]", "Infinity is no JSON"),
        (b"[-Infinity]", "-Infinity is no JSON"),
        (b"[1e999]", "too large"),
        (b"[-1E400]", "too large"),
        (b"[" + b"9" * 400 + b".0]", "too large"),
        (b"[" + b"9" * 5000 + b"]", "too many digits"),
        (b'{"a": 1} x', "no JSON: Extra data"),
        (b'{"a": 1}{"a": 1}', "no JSON: Extra data"),
        (b'{"a": 1}\x00', "no JSON: Extra data"),
        (b"{'a': 1}", "no JSON"),
        (b'{"a": 1,}', "no JSON"),
        (b'["\x01"]', "no JSON"),
        (b'{"a"', "no JSON"),
        (b"[01]", "no JSON"),
    ],
)
def test_what_is_refused(body, why):
    with pytest.raises(MalformedJson) as refused:
        parse(body)
    assert why in str(refused.value)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("levels", [65, 900, 100_000])
def test_what_is_nested_too_deeply_is_refused(opening, levels):
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opening]
    with pytest.raises(MalformedJson, match="at most 64 levels deep"):
        parse(opening * levels + b"1" + closing * levels)
    with pytest.raises(MalformedJson):
        parse(opening * levels)


def test_the_limits_themselves_are_taken():
    assert parse(b"[" * 64 + b"]" * 64)
    assert parse(b"[" + b"[]," * 5000 + b'"[[[["]'), "many, but not deep"
    keys = json.dumps([{str(number): number} for number in range(100)]).encode()
    assert len(parse(keys, max_keys=100)) == 100
    with pytest.raises(MalformedJson, match="at most 99 keys"):
        parse(keys, max_keys=99)
    assert parse(json.dumps([":" * 200]).encode(), max_keys=100), "colons that are no keys"
    with pytest.raises(MalformedJson, match="the key 'b' twice"):
        parse(b'{"a": ":::", "b": 1, "b": 2}', max_keys=3)


def test_a_message_shows_little_of_a_long_key():
    with pytest.raises(MalformedJson) as refused:
        parse(b'{"%b": 1, "%b": 2}' % (b"k" * 5000, b"k" * 5000))
    assert len(str(refused.value)) < 200


def test_numbers_stay_what_they_are():
    assert parse(b"[1.5, -0.0, 1e3, 12345678901234567890, 1e-400]") == [1.5, 0.0, 1000.0, 12345678901234567890, 0.0]
    assert math.copysign(1, parse(b"-0.0")) == -1
