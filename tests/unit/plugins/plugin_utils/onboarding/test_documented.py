# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each host of a run gets what its own object says, whole, or the number of the case that has it."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.onboarding.documented import (
    Documented,
    LeftOut,
    NotDocumented,
    described,
    documented_about,
    is_of_netbox,
)

READY, UPDATED = "netbox.virtualmachine.ready", "netbox.virtualmachine.updated"


def thing(name: str, **fields: object) -> dict:
    return {"name": name, **fields}


def dispatch(*entries: dict, type_: str = READY, left_out: list | None = None, data: dict | None = None) -> dict:
    event = {"type": type_, "hosts": ["vm-01"], "data": entries[0]["data"] if data is None else data, "events": list(entries), "case": {"id": 1}}
    return {**event, **({"left_out": left_out} if left_out is not None else {})}


def entry(case: int, host: str, **data: object) -> dict:
    return {"case": case, "hosts": [host], "data": {"object": thing(host, case=case), **data}}


@pytest.mark.parametrize("event", [None, {}, {"type": 7}, {"type": "alert.firing"}, {"type": "request.infra.provision"}, "netbox."])
def test_other_events_are_not_netboxs(event):
    assert not is_of_netbox(event)


def test_each_host_finds_its_own_object():
    event = dispatch(entry(1, "vm-01"), entry(2, "vm-02"))
    assert documented_about("vm-02", event) == Documented(thing("vm-02", case=2))
    assert documented_about("vm-01", event) == Documented(thing("vm-01", case=1))


def test_without_a_router_there_are_no_entries():
    event = {"type": READY, "hosts": ["vm-01.example.com"], "meta": {"hosts": ["vm-01"]}, "data": {"object": thing("vm-01")}}
    assert documented_about("vm-01", event) == Documented(thing("vm-01"))


@pytest.mark.parametrize(
    "left_out,host,found",
    [
        (["data.object.config_context"], "vm-01", LeftOut(1)),
        (["data"], "vm-01", LeftOut(1)),
        (["events[1].data"], "vm-02", LeftOut(2)),
        (["events[1].data"], "vm-01", Documented(thing("vm-01", case=1))),
        (["data.object"], "vm-02", Documented(thing("vm-02", case=2))),
        (["payload", 7, None], "vm-01", Documented(thing("vm-01", case=1))),
    ],
)
def test_what_was_left_out_is_in_the_case(left_out, host, found):
    assert documented_about(host, dispatch(entry(1, "vm-01"), entry(2, "vm-02"), left_out=left_out)) == found


def test_the_leading_entry_need_not_repeat_the_data():
    leading = {**entry(1, "vm-01"), "data": {}}
    event = dispatch(leading, entry(2, "vm-02"), left_out=["events[0].data"], data={"object": thing("vm-01")})
    assert documented_about("vm-01", event) == Documented(thing("vm-01"))


def test_of_several_cases_of_a_host_the_newest_object_counts_and_all_changes():
    old, new = (
        {"object": thing("vm-01", last_updated=time), "changed": changed} for time, changed in (("2026-01-01", ["tags", "role"]), ("2026-01-02", ["tags"]))
    )
    event = dispatch({"case": 2, "hosts": ["vm-01"], "data": new}, {"case": 1, "hosts": ["vm-01"], "data": old}, type_=UPDATED)
    assert documented_about("vm-01", event) == Documented(new["object"], ("tags", "role"))


def test_only_updates_have_changed_fields():
    one = entry(1, "vm-01", changed=["primary_ip4"])
    assert documented_about("vm-01", dispatch(one)).changed is None
    assert documented_about("vm-01", dispatch(one, type_=UPDATED)).changed == ("primary_ip4",)
    assert documented_about("vm-01", dispatch(entry(1, "vm-01", changed="primary_ip4"), type_=UPDATED)).changed is None


@pytest.mark.parametrize(
    "host,event,said",
    [
        ("vm-03", dispatch(entry(1, "vm-01")), "is not about vm-03: it names 'vm-01'"),
        ("vm-01", dispatch({"case": 1, "hosts": ["vm-01"], "data": {}}), "has no data.object"),
        ("vm-01", dispatch({"case": 1, "hosts": ["vm-01"], "data": {"object": ["x"]}}), "got a list"),
        ("vm-01", dispatch(entry(1, "vm-01"), type_="netbox.virtualmachine.deleted"), "no longer has"),
        ("vm-01", dispatch({"case": True, "hosts": "vm-01", "data": {}}), "is not about vm-01"),
    ],
)
def test_what_says_nothing_about_a_host_is_told(host, event, said):
    with pytest.raises(NotDocumented, match=said.replace(".", r"\.")):
        documented_about(host, event)


@pytest.mark.parametrize(
    "value,text",
    [(None, "nothing"), (True, "the boolean True"), (7, "the number 7"), ("a", "the text 'a'"), ([], "a list"), ({}, "a mapping"), ("x" * 200, "...")],
)
def test_a_value_is_described_briefly(value, text):
    assert text in described(value)
    assert len(described(value)) < 100
