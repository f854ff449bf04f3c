# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.content import as_object, content_of, delivered, delivered_under, parsed_text


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        ({"payload": {"a": 1}, "body": {"b": 1}}, {"a": 1}),
        ({"body": {"b": 1}, "meta": {}}, {"b": 1}),
        ({"body": ' {"b": 1}'}, {"b": 1}),
        ({"payload": "text", "body": {"b": 1}}, {"b": 1}),
        ({"body": "text"}, {"body": "text"}),
        ({"body": '[{"b": 1}]'}, {"body": '[{"b": 1}]'}),
        ({"i": 1}, {"i": 1}),
    ],
)
def test_the_content_is_where_stock_sources_put_it_or_the_whole(payload, content):
    assert content_of(payload) == content


@pytest.mark.parametrize("text", ["", "text", "{", "{} {}", "[" * 100_000, 5, None, b"{}"])
def test_what_is_no_json_text_is_no_object(text):
    assert as_object(text) is None
    assert parsed_text(text) is None


@pytest.mark.parametrize(
    ("payload", "under", "content"),
    [
        ({"payload": [1], "body": {}}, "payload", [1]),
        ({"payload": "text", "body": "[1]"}, "body", [1]),
        ({"body": "text", "i": 1}, None, {"body": "text", "i": 1}),
    ],
)
def test_what_was_delivered_and_where_it_is(payload, under, content):
    assert delivered_under(payload) == (under, content)
    assert delivered(payload) == content
