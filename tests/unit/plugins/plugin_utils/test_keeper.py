# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a source of ours hands in with what it remembers: under the router, and alone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.alone import for_rules
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Inventory
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, Intake, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.redact import REDACTED
from ansible_collections.eventops.infra.plugins.plugin_utils.router.child_queue import ChildQueue
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import ChildConfig
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.hub import Hub
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreError
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.underway import Underway

from .store.promises.examples import add_case


def event(number: int, **changes) -> Event:
    values = {
        "id": f"change/{number}",
        "source": "netbox:https://netbox.example.com",
        "type": "netbox.virtualmachine.updated",
        "subject": "vm-1",
        "time": "2026-01-31T12:00:00Z",
        "severity": "info",
        "hosts": ("vm-1",),
        "dedup_key": "netbox.virtualmachine/7",
        "data": {"model": "virtualmachine"},
        "extra": {},
    }
    return Event(**{**values, **changes})


class Counts:
    """What an intake's observer is told."""

    def __init__(self) -> None:
        self.told = []

    def accepted(self, child, events, rows) -> None:
        self.told.append((child, len(events), sum(row is not None for row in rows)))

    def refused(self, child) -> None:
        self.told.append((child, "refused"))

    def unavailable(self, child) -> None:
        self.told.append((child, "unavailable"))


class Routed:
    """A source's queue under a router."""

    def __init__(self, path, filters=(), subscribe=lambda callback: None, committed=None) -> None:
        self.store = SqliteStore(path / "store.db", committed)
        self.counts, self.rung = Counts(), 0
        intake = Intake(self.store, redact_words=("password",), max_event_bytes=10_000, accepted=self._ring, observer=self.counts)
        child = ChildConfig("netbox", "eventops.infra.netbox", {}, None, {}, (), "sources[0]")
        self.queue = ChildQueue(child, filters, intake, Inventory(None), subscribe)

    def _ring(self) -> None:
        self.rung += 1

    def keep(self, events, remember) -> None:
        asyncio.run(self.queue.keep(events, remember))

    def recall(self, prefix="") -> dict:
        return asyncio.run(self.queue.recall(prefix))

    def kept(self) -> list[Event]:
        return [row.event for row in self.store.run_now(lambda tx: tx.unhandled_events(100))]


@pytest.fixture(name="routed")
def _routed(tmp_path):
    routed = Routed(tmp_path)
    yield routed
    routed.store.close()


def test_events_are_kept_as_they_are_with_what_is_remembered(routed):
    routed.keep([event(1), event(2)], {"cursor": "2", "seen/2": ""})
    # Each host's name is that of a machine, not an address and not the controller, though nothing is known of how to reach it.
    assert routed.kept() == [event(1, connections={"vm-1": {}}), event(2, connections={"vm-1": {}})]
    assert routed.recall() == {"cursor": "2", "seen/2": ""} and routed.recall("seen/") == {"seen/2": ""}
    assert asyncio.run(routed.queue.recall_keys(["cursor", "nothing"])) == {"cursor": "2"}


def test_how_hosts_are_reached_is_kept_as_ansible_gets_it(routed):
    given = {"vm-1": {"ansible_host": "2001:DB8::1", "ansible_user": None, "ansible_port": "2222"}}
    routed.keep([event(1, hosts=("vm-1", "vm-2"), connections=given)], {})
    assert routed.kept()[0].connections == {"vm-1": {"ansible_host": "2001:db8::1", "ansible_port": 2222}, "vm-2": {}}


def test_what_a_sender_posts_declares_nothing(routed):
    declaring = {"vm-1": {"ansible_host": "192.0.2.66"}}
    envelope = {**event(1).to_mapping(), "connections": declaring, "eventops_connections": declaring}
    asyncio.run(routed.queue.put([envelope, {"payload": {**envelope, "id": "2"}, "connections": declaring, "eventops_connections": declaring}]))
    assert [each.connections for each in routed.kept()] == [{}, {}]


def test_what_is_handed_in_again_is_known_and_counted_as_such(routed):
    routed.keep([event(1)], {})
    routed.keep([event(1), event(2)], {"cursor": None})
    assert routed.counts.told == [("netbox", 1, 1), ("netbox", 2, 1)] and routed.rung == 2
    assert len(routed.kept()) == 2


def test_memory_alone_wakes_nobody(routed):
    routed.keep([], {"cursor": "3"})
    assert routed.recall() == {"cursor": "3"} and (routed.rung, routed.counts.told) == (0, [])


def test_no_secret_is_remembered(routed, tmp_path):
    known = json.dumps(["ready", {"custom_fields": {"root_password": "hunter2", "token": "t"}}])
    remembered = {"object/password/1": known, "place": "secret words"}
    routed.keep([], remembered)
    assert json.loads(routed.recall("object/")["object/password/1"]) == ["ready", {"custom_fields": {"root_password": "[redacted]", "token": "t"}}]
    assert routed.recall("place") == {"place": "secret words"}

    async def alone():
        queue = await for_rules(asyncio.Queue(), state=str(tmp_path / "state"))
        await queue.keep([], remembered)
        found = await queue.recall("object/")
        queue.close()
        return found

    found = asyncio.run(alone())["object/password/1"]
    assert json.loads(found)[1] == {"custom_fields": {"root_password": "[redacted]", "token": "[redacted]"}}


def test_secrets_are_not_kept(routed):
    routed.keep([event(1, data={"object": {"custom_fields": {"admin_password": "hunter2"}}})], {})
    assert routed.kept()[0].data["object"]["custom_fields"]["admin_password"] == "[redacted]"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "case.exhausted"}, "the router's own"),
        ({"type": "scale.temporary_ended"}, "for playbooks to say"),
        ({"dedup_key": "case.storm"}, "the router's own"),
        ({"data": {"text": "x" * 20_000}}, "at most 10000"),
        ({"connections": {"vm-1": {"ansible_user": "-oProxyCommand=evil"}}}, "ansible_user: must be a login name"),
        ({"connections": {"vm-9": {}}}, "'vm-9' is none of the event's hosts"),
    ],
)
def test_of_what_cannot_be_taken_nothing_is_kept_and_the_event_is_named(routed, changes, said):
    refused = event(2, **changes)
    with pytest.raises(EventRefused, match=f"event change/2: .*{said}") as caught:
        routed.keep([event(1), refused], {"cursor": "2"})
    assert caught.value.event == refused
    assert (routed.kept(), routed.recall(), routed.counts.told) == ([], {}, [("netbox", "refused")])


def test_a_store_that_cannot_commit_says_so(routed):
    routed.store.close()
    for call in (lambda: routed.keep([event(1)], {}), routed.recall, lambda: asyncio.run(routed.queue.recall_keys(["a"]))):
        with pytest.raises(IntakeUnavailable):
            call()
    assert routed.counts.told == [("netbox", "unavailable")]


def test_a_source_that_keeps_account_has_no_filters(tmp_path):
    routed = Routed(tmp_path, filters=[(lambda event: event, {})])
    for call in (lambda: routed.keep([event(1)], {}), routed.recall):
        with pytest.raises(ConfigurationError, match="filters"):
            call()
    routed.store.close()


def test_a_long_memory_comes_whole(routed):
    keys = {f"seen/{number}": str(number) for number in range(12_345)}
    routed.keep([], keys)
    assert routed.recall("seen/") == dict(sorted(keys.items()))
    assert asyncio.run(routed.queue.recall_keys([*keys, "nothing"])) == keys


def end(routed, number: int, state: str = "resolved", child: str = "netbox") -> None:
    """Bring a case of a source to an end."""
    routed.store.run_now(lambda tx: add_case(tx, number, child=child, state=state, live=False))


def test_a_source_hears_of_each_end_once_and_is_woken_for_it(tmp_path):
    async def scenario():
        hub = Hub()
        routed = Routed(tmp_path, subscribe=hub.subscribe, committed=hub)
        queue = routed.queue
        with pytest.raises(RuntimeError, match="follow_cases"):
            await queue.wait_for_finished()
        await queue.follow_cases()
        await asyncio.to_thread(end, routed, 1)
        async with asyncio.timeout(5):
            await queue.wait_for_finished()
        (ending,) = await queue.finished()
        await asyncio.to_thread(end, routed, 2, "open")
        await asyncio.to_thread(end, routed, 3, child="other")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await queue.wait_for_finished()
        assert [each.id for each in await queue.finished()] == [ending.id], "until it is told that this is dealt with"
        waiting = asyncio.create_task(queue.wait_for_finished())
        await queue.keep([], {"journal/1": "done"}, heard=[ending.id])
        await asyncio.to_thread(end, routed, 4, "suppressed")
        async with asyncio.timeout(5):
            await waiting
        assert [each.case.state for each in await queue.finished()] == ["suppressed"]
        routed.store.close()
        for call in (queue.finished, queue.follow_cases):
            with pytest.raises(IntakeUnavailable):
                await call()

    asyncio.run(scenario())


def test_what_ends_while_a_source_is_away_waits_for_it(tmp_path):
    first = Routed(tmp_path)
    asyncio.run(first.queue.follow_cases())
    first.store.close()
    later = Routed(tmp_path)
    end(later, 1)
    assert len(asyncio.run(later.queue.finished())) == 1
    later.store.close()


def test_a_source_sees_which_of_its_cases_are_being_worked_on(routed):
    def cases(tx):
        ran = {"ran_at": 5.0}
        states = [("open", {}), ("running", {}), ("verifying", {}), ("waiting", ran), ("dispatched", {}), ("waiting", {}), ("resolved", ran)]
        return [
            *(add_case(tx, number, child="netbox", state=state, dedup_key=str(number), **more).id for number, (state, more) in enumerate(states)),
            add_case(tx, 100, child="other", state="running", dedup_key="other").id,
        ]

    numbers = routed.store.run_now(cases)
    worked = numbers[1:4]
    found = asyncio.run(routed.queue.underway())
    assert found.ids == frozenset(worked) and [each.case.id for each in found.cases] == worked
    assert [each.event.id for each in found.cases] == ["event-1", "event-2", "event-3"]
    rest = asyncio.run(routed.queue.underway({worked[0], 12345}, 1))
    assert rest.ids == found.ids and rest.cases == found.cases[1:2], "those that it knows are not listed again"
    routed.store.close()
    with pytest.raises(IntakeUnavailable):
        asyncio.run(routed.queue.underway())


def test_a_source_is_woken_for_each_run_and_for_nothing_else(tmp_path):
    async def scenario():
        hub = Hub()
        routed = Routed(tmp_path, subscribe=hub.subscribe, committed=hub)
        queue = routed.queue
        with pytest.raises(RuntimeError, match="follow_cases"):
            await queue.wait_for_underway()
        await queue.follow_cases()

        async def is_woken_by(change):
            await asyncio.to_thread(routed.store.run_now, change)
            try:
                async with asyncio.timeout(0.2):
                    await queue.wait_for_underway()
            except TimeoutError:
                return False
            return True

        case = await asyncio.to_thread(routed.store.run_now, lambda tx: add_case(tx, 1, child="netbox", state="dispatched"))
        states = ["running", "running", "verifying", "waiting", "dispatched", "running", "resolved"]
        woken = []
        for state in states:
            case = replace(case, state=state, count=case.count + 1, ran_at=5.0)
            woken.append(await is_woken_by(lambda tx, case=case: tx.save_case(case, "in a test")))
        assert woken == [True, False, False, False, False, True, False]
        assert not await is_woken_by(lambda tx: add_case(tx, 2, child="other", state="running", dedup_key="other"))
        routed.store.close()

    asyncio.run(scenario())


def test_alone_no_case_ends(tmp_path):
    async def scenario(keeper):
        await keeper.follow_cases()
        assert await keeper.underway() == Underway()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await keeper.wait_for_underway()
        assert await keeper.finished() == []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await keeper.wait_for_finished()
        await keeper.keep([], {}, heard=[1])

    in_a_life(tmp_path, None, scenario)


class BrokenRules(asyncio.Queue):
    """Rules that are gone when something is put to them."""

    async def put(self, item) -> None:
        raise ConnectionError("the rules are gone")


def in_a_life(tmp_path, state, scenario, rules=None):
    async def run():
        queue = rules or asyncio.Queue()
        (tmp_path / "hosts.yml").write_text("all: {hosts: {localhost: {ansible_connection: local}, vm-1: {ansible_host: 192.0.2.1}}}")
        keeper = await for_rules(queue, inventory=str(tmp_path / "hosts.yml"), state=state and str(tmp_path / state))
        try:
            return await scenario(keeper), [queue.get_nowait() for _each in range(queue.qsize())]
        finally:
            keeper.close()

    return asyncio.run(run())


@pytest.mark.parametrize(("state", "later"), [("state.db", {"b": "2"}), (None, {})])
def test_alone_rules_get_the_events_and_a_state_file_keeps_the_memory(tmp_path, state, later):
    async def first(keeper):
        await keeper.keep([event(1, data={"name": "{{ evil }}"}), event(2, hosts=("gone",))], {"a": "1", "b": "2"})
        await keeper.keep([], {"a": None, "never": None})
        return await keeper.recall(""), await keeper.recall_keys(["a", "b"])

    async def second(keeper):
        return await keeper.recall("")

    recalled, events = in_a_life(tmp_path, state, first)
    assert recalled == ({"b": "2"}, {"b": "2"})
    assert [each["meta"]["hosts"] for each in events] == [["vm-1"], ["eventops_unresolved"]] and "{{" not in events[0]["data"]["name"]
    assert in_a_life(tmp_path, state, second)[0] == later


def test_alone_a_host_is_one_of_the_inventory_by_its_name_and_never_the_controller(tmp_path):
    names = ["vm-1", "vm-2", "localhost", "192.0.2.1", "all"]

    async def scenario(keeper):
        await keeper.keep([event(n, hosts=(name,), connections={name: {"ansible_host": "192.0.2.9"}}) for n, name in enumerate(names)], {})
        await keeper.keep([event(9, hosts=())], {})

    events = in_a_life(tmp_path, None, scenario)[1]
    assert [each["meta"]["hosts"] for each in events] == [["vm-1"], *[["eventops_unresolved"]] * 4, ["localhost"]]
    assert not any("192.0.2.9" in str(each) for each in events)


def test_alone_nothing_is_remembered_of_events_that_rules_did_not_get(tmp_path):
    async def scenario(keeper):
        with pytest.raises(ConnectionError):
            await keeper.keep([event(1)], {"cursor": "1"})
        return await keeper.recall("")

    assert in_a_life(tmp_path, "state.db", scenario, BrokenRules()) == ({}, [])


def test_alone_an_event_that_cannot_be_put_is_named(tmp_path):
    deep: dict = {}
    for _level in range(200):
        deep = {"in": deep}

    async def scenario(keeper):
        with pytest.raises(EventRefused, match="event change/1"):
            await keeper.keep([event(1, data=deep)], {"cursor": "1"})

    in_a_life(tmp_path, None, scenario)


def test_a_state_file_is_its_owners_and_one_process_has_it(tmp_path):
    async def scenario(keeper):
        with pytest.raises(StoreError, match="in use"):
            await for_rules(asyncio.Queue(), state=str(tmp_path / "state.db"))
        return oct((tmp_path / "state.db").stat().st_mode & 0o777)

    assert in_a_life(tmp_path, "state.db", scenario)[0] == "0o600"


def test_trouble_at_a_place_of_the_source_is_told_until_it_is_over(routed):
    condition = routed.queue.condition
    condition.started(1.0)
    routed.queue.trouble("queues[0]", "cannot reach https://me:s3cr3t@sqs.example.com")
    routed.queue.trouble("alarms[0]", "AccessDenied")
    assert condition.troubles == {"queues[0]": f"cannot reach https://me:{REDACTED}@sqs.example.com", "alarms[0]": "AccessDenied"} and not condition.is_well
    routed.queue.trouble("queues[0]", None)
    routed.queue.trouble("never", None)
    assert condition.troubles == {"alarms[0]": "AccessDenied"}
    condition.started(2.0)  # what was, is another life's
    assert condition.is_well
