# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event that rules see."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.dispatch_event import MAX_DISPATCH_BYTES, Rejected, dispatch_event
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Dispatch, EventRow
from hypothesis import given
from hypothesis import strategies as st

from ...store.promises.examples import a_case, an_event

DISPATCH = Dispatch("u-1", 2, ("web-01",), (1,), 3.0)
EVIL = "{{ lookup('pipe', 'touch PWNED') }}"


def made(event, *, reject=False, dispatch=DISPATCH, **changes) -> dict:
    case = replace(a_case(1), id=1, count=4, attempt=2, opened_at=1769860800.0, **changes)
    row = EventRow(id=1, child="monitors", event=event, received_at=1.0)
    return dispatch_event(case, row, dispatch, max_attempts=3, source_name="router", generation="g", reject=reject)


def test_it_has_the_shape_of_the_contract():
    event = made(an_event())
    assert event == {
        **an_event().to_mapping(),
        "case": {"id": 1, "kind": "incident", "attempt": 2, "max_attempts": 3, "opened_at": "2026-01-31T12:00:00Z", "count": 4},
        "events": [{"case": 1, "id": "event-1", "subject": "web-01", "hosts": ["web-01"], "severity": "critical", "data": {"name": "ServiceDown"}}],
        "meta": {"hosts": ["web-01"], "uuid": "u-1", "source": {"name": "router", "child": "monitors", "generation": "g"}},
        "neutralized": False,
    }


def test_a_stock_childs_own_keys_are_kept_but_cannot_speak_for_us():
    own = {"payload": {"alert": "x"}, "meta": {"endpoint": "alerts", "hosts": "all", "uuid": "../../etc", "source": {"name": "forged"}}}
    event = made(an_event(extra=own))
    assert event["payload"] == {"alert": "x"}
    assert event["meta"] == {"endpoint": "alerts", "hosts": ["web-01"], "uuid": "u-1", "source": {"name": "router", "child": "monitors", "generation": "g"}}


def test_no_text_in_it_is_a_template():
    event = made(an_event(data={"name": EVIL, EVIL: [EVIL]}, subject=EVIL, extra={"payload": {"": EVIL, "emoji": "\U0001f4a5"}}))
    text = json.dumps(event, ensure_ascii=False)
    assert event["neutralized"] and "{{" not in text and "\U0001f4a5" not in text and "" not in event["payload"]


def test_reject_puts_such_an_event_aside():
    with pytest.raises(Rejected, match="neutralize: reject"):
        made(an_event(subject=EVIL), reject=True)
    made(an_event(), reject=True)


def test_what_is_too_long_for_the_engine_is_left_out_and_named():
    event = made(an_event(data={"name": "DiskFull", "summary": "short", "output": "x" * 100_000}, extra={"payload": {"log": "y" * 90_000}}))
    assert len(json.dumps(event)) <= MAX_DISPATCH_BYTES
    assert event["data"] == {"name": "DiskFull", "summary": "short"}
    assert event["payload"] == {}
    assert sorted(event["left_out"]) == ["data.output", "payload.log"]


def test_rules_still_read_what_is_short_beside_something_long():
    crumbs = {f"label-{number}": "short" for number in range(10_000)}
    event = made(an_event(data={}, extra={"payload": {"do": "restart", "alert": {"name": "DiskFull", "log": "y" * 90_000, "labels": crumbs}}}))
    assert event["payload"] == {"do": "restart", "alert": {"name": "DiskFull"}}
    assert sorted(event["left_out"]) == ["payload.alert.labels", "payload.alert.log"]


@pytest.mark.parametrize(
    "event",
    [
        an_event(data={f"k{number}": number for number in range(60_000)}),
        an_event(data={}, extra={f"k{number}": "v" for number in range(60_000)}),
        an_event(data={"a": {"b": {f"k{number}": {"x": "y"} for number in range(30_000)}}}, extra={"payload": {"z": ["w"] * 100_000}}),
        an_event(data={"k" * 500_000: 1}),
    ],
    ids=["many keys", "many keys of a child", "deep", "a long key"],
)
def test_a_hostile_event_of_a_megabyte_does_not_keep_the_event_loop(event):
    began = time.thread_time()
    size = len(json.dumps(made(event)))
    assert size <= MAX_DISPATCH_BYTES
    assert time.thread_time() - began < 3, "to measure again after each part took minutes"


def containers(inner):
    return st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=30)


JSON = st.recursive(st.text(max_size=2000) | st.integers(), containers)


@given(data=st.dictionaries(st.text(max_size=20), JSON, max_size=40), extra=st.dictionaries(st.sampled_from(["payload", "body", "x"]), JSON))
def test_whatever_a_sender_puts_the_engine_gets_little(data, extra):
    big = {**data, "filling": {str(number): data for number in range(200)}}
    event = made(an_event(data=big, extra=extra))
    assert len(json.dumps(event)) <= MAX_DISPATCH_BYTES
    assert event["id"] == "event-1" and event["meta"]["hosts"] == ["web-01"]


def test_hosts_that_no_command_line_can_take_are_refused():
    hosts = tuple(f"host-{number:0100d}" for number in range(1000))
    with pytest.raises(Rejected, match="--limit"):
        made(an_event(), dispatch=replace(DISPATCH, hosts=hosts))
