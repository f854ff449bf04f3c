# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events of Azure Event Grid, in both schemas."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import RECEIVED, UNREAD
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.cloud_payloads import BLOB, BLOB_AS_CLOUDEVENT
from ansible_collections.eventops.infra.tests.unit.plugins.plugin_utils.adapters.reading import JSON, adapted, one, taken_in
from hypothesis import given
from hypothesis import strategies as st

MISTAKES = [("eventTime", "x", "time"), ("eventType", "", "eventType"), ("eventType", 5, "eventType"), ("id", 5, "id"), ("topic", 5, "source")]


def read(body, **settings):
    return one("eventgrid", body, **settings)


def test_an_event():
    event = read([BLOB])
    assert (event.type, event.source, event.subject, event.id) == ("azure.microsoft.storage.blob_created", BLOB["topic"], BLOB["subject"], BLOB["id"])
    assert (event.time, event.hosts, event.data, event.extra) == ("2017-06-26T18:41:00.958410Z", (), BLOB["data"], {"payload": [BLOB]})
    assert read(BLOB).to_mapping() | {"payload": [BLOB]} == event.to_mapping(), "also without the list"


def test_the_same_event_as_a_cloudevent():
    event, other = read(BLOB_AS_CLOUDEVENT), read([BLOB])
    assert (event.source, event.subject, event.id, event.time, event.data) == (other.source, other.subject, other.id, other.time, other.data)
    assert event.type == "Microsoft.Storage.BlobCreated"
    assert [found.id for found in adapted("eventgrid", [BLOB_AS_CLOUDEVENT, {**BLOB_AS_CLOUDEVENT, "id": "2"}])] == [BLOB["id"], "2"]
    (taken,) = taken_in("eventgrid", {**BLOB_AS_CLOUDEVENT, "data": None, "data_base64": "eyJhIjogMX0="})
    assert taken.data == {"a": 1}


def test_a_batch_is_an_event_each_and_one_that_is_broken_does_not_take_the_others_with_it():
    right, broken, none = adapted("eventgrid", [BLOB, {**BLOB, "eventTime": "x"}, 5])
    assert right.extra == {"payload": BLOB}
    assert broken.type == none.type == RECEIVED and "[1]: time: must be RFC 3339" in broken.extra[UNREAD]
    for field, value, named in MISTAKES:
        with pytest.raises(InvalidEvent, match=named):
            read([{**BLOB, field: value}])


@pytest.mark.parametrize(
    ("event_type", "type_"),
    [
        ("Microsoft.Resources.ResourceWriteSuccess", "azure.microsoft.resources.resource_write_success"),
        ("Microsoft.EventGrid.SubscriptionDeletedEvent", "azure.microsoft.event_grid.subscription_deleted_event"),
        ("recordInserted", "azure.record_inserted"),
        ("Contoso..Items", "azure.contoso.items"),
        ("VM Started", "azure.vm_started"),
    ],
)
def test_types(event_type, type_):
    assert read([{**BLOB, "eventType": event_type}]).type == type_


def test_rules_lead_to_the_host():
    body = [{**BLOB, "data": {"resourceInfo": {"name": "web-01"}}}]
    assert read(body, hosts=[{"path": "data.resourceInfo.name"}]).hosts == ("web-01",)
    with pytest.raises(InvalidEvent, match=r"the batch\[0\]: hosts: none of"):
        read([BLOB], hosts=[{"path": "data.resourceInfo.name"}])
    right, kept = adapted("eventgrid", [*body, BLOB], hosts=[{"path": "data.resourceInfo.name"}])
    assert right.hosts == ("web-01",) and kept.type == RECEIVED and "[1]: hosts: none of" in kept.extra[UNREAD]


@pytest.mark.parametrize(("data", "read_as"), [(None, {}), ([1], {"value": [1]}), ("x", {"value": "x"})])
def test_data_that_is_no_object_is_a_value(data, read_as):
    assert read([{**BLOB, "data": data}]).data == read_as


@pytest.mark.parametrize("body", [{}, [], [5], {"type": "x"}, "x", None])
def test_what_is_no_event_is_left_to_others(body):
    assert adapted("eventgrid", body) is None


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=6)
THINGS = st.tuples(st.sampled_from(["a.B", "a.C"]), TEXTS, TEXTS)


@given(THINGS, THINGS)
def test_two_things_never_share_a_problem_and_one_always_does(first, second):
    keys = [read([{**BLOB, "eventType": kind, "topic": topic, "subject": subject}]).dedup_key for kind, topic, subject in (first, second)]
    assert (keys[0] == keys[1]) == (first == second)


@given(THINGS, THINGS, st.sampled_from(["structured", "batch", "headers"]))
def test_two_cloudevents_never_share_a_problem_and_one_always_does(first, second, mode):
    def key(kind, source, subject, id_):
        event = {**BLOB_AS_CLOUDEVENT, "type": kind, "source": source, "subject": subject, "id": id_}
        if mode != "headers":
            return read([event] if mode == "batch" else event).dedup_key
        headers = {f"ce-{name}": quote(event[name], safe="") for name in ("specversion", "type", "source", "subject", "id")}
        return one("eventgrid", None, headers).dedup_key

    assert (key(*first, "1") == key(*second, "2")) == (first == second)


def test_a_cloudevent_may_name_a_key_and_an_alert_shares_its_own_with_its_end():
    assert read({**BLOB_AS_CLOUDEVENT, "dedupkey": "k"}).dedup_key == "k"
    firing, resolved = (read({**BLOB_AS_CLOUDEVENT, "type": f"alert.{what}", "data": {"name": "DiskFull"}}) for what in ("firing", "resolved"))
    assert firing.dedup_key == resolved.dedup_key == f"alert/DiskFull/{firing.subject}"
    request = read({**BLOB_AS_CLOUDEVENT, "type": "request.report"})
    assert request.dedup_key == f"request.report/{request.id}"


def test_a_cloudevent_in_headers_is_one_whatever_its_data_looks_like():
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "a.b"}
    assert one("eventgrid", {"eventType": "x"}, headers).data == {"eventType": "x"}


@given(st.dictionaries(st.sampled_from([*BLOB, "specversion"]), JSON))
def test_no_event_ends_in_another_error(changes):
    for body in ([{**BLOB, **changes}], [BLOB, {**BLOB, **changes}], changes):
        with suppress(InvalidEvent):
            adapted("eventgrid", body)
