# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event that rules see."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.dispatch_event import (
    MAX_DISPATCH_BYTES,
    MAX_IDENTITY_BYTES,
    Rejected,
    dispatch_event,
    identity_bytes,
)
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import Dispatch, EventRow
from hypothesis import given
from hypothesis import strategies as st

from ...store.promises.examples import a_case, an_event

DISPATCH = Dispatch("u-1", 2, ("web-01",), (), 3.0)
SEVERAL = Dispatch("u-1", 2, ("web-01", "web-02", "web-03"), (), 3.0)
EVIL = "{{ lookup('pipe', 'touch PWNED') }}"


def made(*events, dispatch=DISPATCH) -> dict:
    members = []
    for number, event in enumerate(events, start=1):
        case = replace(a_case(number), id=number, count=4, attempt=2, opened_at=1769860800.0, hosts=event.hosts)
        members.append((case, EventRow(id=number, child="monitors", event=event, received_at=1.0)))
    return dispatch_event(members, dispatch, max_attempts=3, source_name="router", generation="g")


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


def test_the_names_of_what_is_left_out_make_no_marker_together():
    opening = "a" * 94 + "{ " + "b" * 20
    event = made(an_event(data={opening: "x" * 90_000, "c": 1}))
    (name,) = event["left_out"]
    assert name.startswith("data.aaa") and len(name) == 100 and "{" not in name


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


def others(number: int, **changes):
    return [an_event(each, subject=f"web-{each:02}", hosts=(f"web-{each:02}",), **changes) for each in range(2, number + 2)]


def test_several_cases_have_an_entry_each_and_the_leading_one_speaks():
    event = made(an_event(data={"name": "Down", "value": 1}), *others(2, data={"name": "Down", "value": 2}), dispatch=SEVERAL)
    assert (event["id"], event["case"]["id"], event["data"]["value"], event["hosts"]) == ("event-1", 1, 1, ["web-01"])
    assert event["meta"]["hosts"] == list(SEVERAL.hosts)
    assert [(entry["case"], entry["id"], entry["subject"], entry["hosts"], entry["severity"]) for entry in event["events"]] == [
        (1, "event-1", "web-01", ["web-01"], "critical"),
        (2, "event-2", "web-02", ["web-02"], "critical"),
        (3, "event-3", "web-03", ["web-03"], "critical"),
    ]
    assert [entry["data"]["value"] for entry in event["events"]] == [1, 2, 2]


def test_no_text_of_any_case_is_a_template():
    event = made(an_event(), an_event(2, subject=EVIL, id=EVIL, data={EVIL: EVIL}), dispatch=SEVERAL)
    assert event["neutralized"] and "{{" not in json.dumps(event, ensure_ascii=False)


def test_every_case_is_named_and_has_its_data_while_there_is_room():
    long = [replace(each, data={"name": "Down", "output": "x" * 3000 * number}) for number, each in enumerate(others(10), start=1)]
    event = made(an_event(), *long, dispatch=SEVERAL)
    assert len(json.dumps(event)) <= MAX_DISPATCH_BYTES + 2000
    assert [entry["case"] for entry in event["events"]] == list(range(1, 12))
    kept = [bool(entry["data"]) for entry in event["events"]]
    assert kept == sorted(kept, reverse=True) and 4 < sum(kept) < 9, "the shortest ones"
    assert event["left_out"] == [f"events[{number}].data" for number, is_kept in enumerate(kept) if not is_kept]


def test_company_takes_nothing_from_what_rules_read_of_the_leading_case():
    leading = an_event(data={"name": "Down", "output": "x" * 100_000, "labels": "y" * 24_000}, extra={"payload": "z" * 5_000})
    crowd = [replace(each, id="i" * 350) for each in others(50)]
    alone, together = made(leading), made(leading, *crowd, dispatch=SEVERAL)
    assert together["data"] == alone["data"] and len(alone["data"]["labels"]) == 24_000
    assert len(json.dumps(together)) <= MAX_DISPATCH_BYTES + 2000


def test_a_crowd_of_identities_that_the_planner_lets_in_fits():
    event = an_event(id="\u20ac" * 340, subject="\u20ac" * 340, hosts=())
    count = MAX_IDENTITY_BYTES // identity_bytes(a_case(), EventRow(1, "monitors", event, 1.0))
    crowd = [replace(event, data={f"k{number}": "v" * 100 for number in range(20)}) for _each in range(count)]
    together = made(an_event(data={"long": "x" * 40_000, "name": "Down" * 5_000}, extra={"payload": "y" * 60_000}), *crowd, dispatch=SEVERAL)
    assert len(json.dumps(together)) <= MAX_DISPATCH_BYTES and len(together["events"]) == count + 1


@pytest.mark.parametrize(
    "data",
    [{f"k{number}": number for number in range(60_000)}, {"x" * 500_000: {"y": ["z"] * 100_000}}, {"a": [[]] * 300_000}, {"x": "\U0001f4a5{{" * 200_000}],
    ids=["many keys", "long", "many lists", "evil"],
)
def test_fifty_hostile_events_of_a_megabyte_do_not_keep_the_event_loop(data):
    leading, crowd = an_event(), others(50, data=data)
    began = time.thread_time()
    event = made(leading, *crowd, dispatch=SEVERAL)
    assert time.thread_time() - began < 0.5
    assert len(event["events"]) == 51 and len(event["left_out"]) == 50 and len(json.dumps(event)) <= MAX_DISPATCH_BYTES


def test_rules_see_nothing_of_how_a_host_is_reached():
    declaring = an_event(connections={"web-01": {"ansible_host": "192.0.2.1", "ansible_user": "ops"}})
    assert made(declaring, declaring, dispatch=SEVERAL) == made(an_event(), an_event(), dispatch=SEVERAL)
