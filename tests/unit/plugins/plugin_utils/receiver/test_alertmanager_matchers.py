# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_matchers import matchers_of
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import REDACTED, redact
from hypothesis import given
from hypothesis import strategies as st

MATCHER = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')


def read_back(matcher: str) -> tuple[str, str]:
    """Read a matcher as Alertmanager does (pkg/labels/parse.go): a backslash goes before `n`, `"` and itself."""
    match = MATCHER.fullmatch(matcher)
    assert match, matcher
    return match[1], re.sub(r"\\(.)", lambda escape: "\n" if escape[1] == "n" else escape[1], match[2])


def test_every_label_is_a_matcher():
    assert matchers_of({"service": "web", "alertname": "ServiceDown"}) == ['alertname="ServiceDown"', 'service="web"']


NAMES = st.from_regex("[a-z_]{1,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: REDACTED not in text)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_value_stays_one_matcher_with_that_value(labels):
    assert dict(map(read_back, matchers_of(labels))) == labels


@pytest.mark.parametrize(
    "left_out",
    [
        {"host.name": "web-01"},
        {"größe": "10"},
        {"": "x"},
        {"a b": "x"},
        {"long": "x" * 501},
        {"number": 7},
        {"surrogate": "\ud800"},
        redact({"session_token": "s3cret"}),
    ],
)
def test_what_could_find_another_alert_or_none_is_left_out(left_out):
    assert matchers_of({"service": "web", **left_out}) == ['service="web"']


def test_they_stay_short_enough_for_a_request_line():
    matchers = matchers_of({f"label_{number}": "x" * 400 for number in range(100)})
    assert len(matchers) > 5 and sum(map(len, matchers)) <= 4000
