# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Intake and the queue of a child: what is kept, what is refused, and who hears of it."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, Intake, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore

ENVELOPE = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "Down"}}
GENERIC = {"type": {"value": "alert.firing"}, "name": "payload.alert", "hosts": "payload.host"}


@pytest.fixture(name="store")
def _store(tmp_path):
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture(name="intake")
def _intake(store):
    return Intake(store, redact_words=("password", "key"), max_event_bytes=10_000, accepted=lambda: None)


def kept(store) -> list:
    return [row.event for row in store.run_now(lambda tx: tx.unhandled_events(100))]


def take(intake, *payloads, **how) -> None:
    asyncio.run(intake.take(payloads, child="hook", **how))


def test_an_envelope_is_taken_as_such_wherever_it_stands(intake, store):
    take(intake, ENVELOPE, {"payload": ENVELOPE, "meta": {"endpoint": "x"}}, {"body": ENVELOPE}, adapter="generic", settings=GENERIC)
    assert [(event.type, event.hosts) for event in kept(store)] == [("alert.firing", ("web-01",))] * 3
    assert kept(store)[1].extra == {"payload": ENVELOPE, "meta": {"endpoint": "x"}}, "rules that read the payload still match"


def test_the_childs_adapter_reads_the_rest_and_what_nothing_reads_is_kept_as_received(intake, store):
    take(intake, {"payload": {"alert": "Down", "host": "db"}}, adapter="generic", settings=GENERIC)
    take(intake, {"payload": {"anything": 1}}, "just text", 7, {"specversion": "1.0", "type": "alert.firing", "severity": "BAD", "n": 1})
    adapted, *received = kept(store)
    assert (adapted.type, adapted.hosts, adapted.data["name"]) == ("alert.firing", ("db",), "Down")
    assert {event.type for event in received} == {"event.received"}
    assert received[0].data == {"payload": {"anything": 1}} and received[1].data == {"payload": "just text"}
    assert received[3].data["severity"] == "BAD", "an envelope with a mistake is kept whole"


def test_secrets_are_not_kept_and_attributes_are(intake, store):
    take(intake, {**ENVELOPE, "data": {"name": "Down", "db_password": "hunter2"}})
    (event,) = kept(store)
    assert event.data["db_password"] == "[redacted]" and event.dedup_key == "alert/Down/web-01"


def test_what_nobody_could_read_is_looked_through_for_what_looks_like_a_secret(intake, store):
    """With the user's own words, and not where it could be read: rules match on its texts."""
    body = "user: ann\nsigning key: hunter2"
    take(intake, {"payload": body, "note": "the key: hunter2"}, adapter="generic", settings={"type": {"path": "payload.type"}})
    take(intake, {"payload": body})
    unread, read = kept(store)
    assert unread.data == {"payload": "user: ann\nsigning key: [redacted]", "note": "the key: [redacted]"}
    assert unread.extra == {**unread.data, "eventops_unread": "the adapter generic does not fit"}
    assert read.data == {"payload": body}
    reason = {**ENVELOPE, "type": "event.received", "eventops_unread": "data.key: must be text"}
    take(intake, reason)
    assert kept(store)[2].extra["eventops_unread"] == "data.key: must be text", "what is wrong with a name that may be a secret's"


@pytest.mark.parametrize("type_", ["case.exhausted", "case.opened", "case.anything"])
def test_nobody_but_the_router_speaks_of_cases(intake, store, type_):
    with pytest.raises(EventRefused, match="the router's own"):
        take(intake, {**ENVELOPE, "type": type_})
    assert kept(store) == []


def test_what_is_too_large_is_refused_and_nothing_of_the_delivery_kept(intake, store):
    with pytest.raises(EventRefused, match="at most 10000"):
        take(intake, ENVELOPE, {**ENVELOPE, "data": {"text": "x" * 10_000}})
    assert kept(store) == []


def test_a_key_beside_the_envelope_makes_no_large_event_small(intake, store):
    with pytest.raises(EventRefused, match="at most 10000"):
        take(intake, {**ENVELOPE, "data": {"text": "x" * 10_000}, "more": 1})
    assert kept(store) == []


def test_a_refusal_and_an_unavailable_store_are_answers_for_a_webhook(intake, store):
    store.close()
    with pytest.raises(web.HTTPServiceUnavailable) as unavailable:
        take(intake, ENVELOPE)
    assert unavailable.value.headers["Retry-After"].isdigit()
    with pytest.raises(IntakeUnavailable):
        intake.take_now([ENVELOPE], child="hook")
    assert issubclass(EventRefused, web.HTTPUnprocessableEntity)


def queue_of(intake, filters=()) -> ChildQueue:
    child = ChildConfig("hook", "eda.builtin.webhook", {}, "generic", GENERIC, (), "sources[0]")
    return ChildQueue(child, filters, intake, Inventory(None))


def test_filters_of_a_child_change_split_and_drop(intake, store):
    filters = [
        (lambda event: [event, {**event, "id": event["id"] + "-twin"}], {}),
        (lambda event, drop: [] if event["id"] == drop else event, {"drop": "a-twin"}),
    ]
    asyncio.run(queue_of(intake, filters).put([{**ENVELOPE, "id": "a"}, {**ENVELOPE, "id": "b"}]))
    queue_of(intake).put_nowait({**ENVELOPE, "id": "c"})
    assert [event.id for event in kept(store)] == ["a", "b", "b-twin", "c"]


def test_a_refusal_ends_the_request_but_never_the_child(intake, store):
    async def scenario():
        queue = queue_of(intake)
        queue.main_task = asyncio.current_task()
        forged = {**ENVELOPE, "type": "case.exhausted"}
        await queue.put(forged)  # a child that reads on its own account has nobody to answer
        with pytest.raises(EventRefused):
            await asyncio.create_task(queue.put(forged))  # a request that it serves has

    asyncio.run(scenario())
    assert kept(store) == []


def test_a_store_that_cannot_commit_is_the_childs_matter_too(intake, store):
    async def scenario():
        queue = queue_of(intake)
        queue.main_task = asyncio.current_task()
        store.close()
        with pytest.raises(IntakeUnavailable):
            await queue.put(ENVELOPE)

    asyncio.run(scenario())
