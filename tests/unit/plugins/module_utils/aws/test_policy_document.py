# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies are the same when they say the same."""

from __future__ import annotations

import json

import pytest
from ansible_collections.eventops.infra.plugins.module_utils.aws.policy_document import comparable
from hypothesis import given
from hypothesis import strategies as st

ALLOW = {"Sid": "a", "Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueUrl"], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
DENY = {"Sid": "b", "Effect": "Deny", "Action": "sqs:*"}
PARTS = st.recursive(
    st.text(max_size=3) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "other",
    [
        {"Statement": [DENY, ALLOW]},
        {"Statement": [{**ALLOW, "Action": ALLOW["Action"][::-1]}, DENY]},
        {"Statement": [ALLOW, {**DENY, "Action": ["sqs:*"]}]},
        {"Statement": [{**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": [True]}}}, DENY]},
        json.dumps({"Statement": [ALLOW, DENY]}),
    ],
)
def test_order_and_lists_of_one_have_no_meaning(other):
    assert comparable({"Statement": [ALLOW, DENY]}) == comparable(other)


@pytest.mark.parametrize(
    "other",
    [
        {"Statement": [ALLOW]},
        {"Statement": [ALLOW, {**DENY, "Effect": "Allow"}]},
        {"Statement": [{**ALLOW, "Action": "sqs:SendMessage"}, DENY]},
        {"Statement": [{**ALLOW, "Condition": {}}, DENY]},
        {},
        None,
    ],
)
def test_what_allows_something_else_differs(other):
    assert comparable({"Statement": [ALLOW, DENY]}) != comparable(other)


@pytest.mark.parametrize("nothing", [None, "", " ", {}, "{}"])
def test_there_are_many_ways_to_have_no_policy(nothing):
    assert comparable(nothing) == {}


def test_a_number_is_the_same_as_text():
    assert comparable({"maxReceiveCount": 5}) == comparable('{"maxReceiveCount": "5"}')


@given(PARTS)
def test_what_was_made_comparable_stays_as_it_is_and_goes_through_json(part):
    once = comparable({"part": part})
    assert comparable(once) == once == comparable(json.dumps({"part": part}))
