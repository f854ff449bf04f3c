# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose a match is, and when its actions begin. tests/integration/test_rules_that_wait.py tries the same on the real engine."""

from __future__ import annotations

import asyncio

from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.followed import FollowedEvents
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.internals import RunningRuleset
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.matches import Matches, Verdict
from drools.ruleset import Matches as Match


class Scene:
    """The matches of a ruleset, and what has begun of them."""

    def __init__(self) -> None:
        ruleset = RunningRuleset("rules")
        self.followed = FollowedEvents(ruleset)
        self.matches = Matches(ruleset, {"rooted": ["payload", "data.inner"]}, self.followed, "router", "this life")
        self.asked: list[list[str]] = []
        self.answers: list[Verdict] = []
        self.begun: list[dict] = []
        self.matches.may_begin = self.may_begin

    async def may_begin(self, uuids) -> Verdict:
        self.asked.append(list(uuids))
        return self.answers.pop(0)

    def follow(self, uuid: str):
        return self.followed.follow(uuid, [f"host of {uuid}"], lambda _playbooks: None)

    def match(self, *events: dict, rule: str = "rule") -> None:
        data = {"m": events[0]} if len(events) == 1 else {f"m_{number}": event for number, event in enumerate(events)}
        self.matches.callback(rule, lambda match: self.begun.append(match.data))(Match(data))


def ours(uuid: str, generation: str = "this life", **source) -> dict:
    return {"meta": {"uuid": uuid, "hosts": [f"host of {uuid}"], "source": {"name": "router", "generation": generation, **source}}}


def of_another(uuid: str) -> dict:
    return {"meta": {"uuid": uuid, "source": {"name": "other", "type": "eda.builtin.webhook"}}}


def hosts(match: dict) -> list[str]:
    """Return what ansible-rulebook limits the actions of a match to."""
    return [host for event in match.values() for host in event["meta"].get("hosts", [])]


def uuids(match: dict) -> list[str]:
    return [event["meta"]["uuid"] for event in match.values()]


def in_a_loop(story) -> None:
    async def told() -> None:
        await story()

    asyncio.run(told())


def test_an_event_of_another_source_is_let_through():
    scene = Scene()
    scene.match(of_another("x"))
    scene.match({"without": "meta"})
    assert len(scene.begun) == 2


def test_what_was_put_begins_at_once_and_is_counted():
    scene = Scene()
    with scene.follow("a") as a, scene.follow("b") as b:
        scene.match(ours("a"))
        scene.match(ours("a"), of_another("x"))
        assert (a.matches, b.matches, len(scene.begun)) == (2, 0, 2)


def test_the_engines_own_uuid_is_replaced_by_the_dispatchs():
    scene = Scene()
    with scene.follow("a") as a:
        scene.match(ours("new to the engine", dispatch="a"))
        assert uuids(scene.begun[0]) == ["a"] and a.matches == 1


def test_a_match_of_an_earlier_life_is_left_to_the_router():
    scene = Scene()
    with scene.follow("a") as a:
        scene.match(ours("old", "an earlier life", dispatch="a"))
        scene.match(ours("old", "an earlier life", dispatch="b"), ours("a"))
        assert scene.begun == [] and a.matches == 0, "although one dispatch is out again, and the other event is new"


def test_a_match_of_what_is_over_does_not_begin():
    scene = Scene()
    scene.match(ours("over"))
    assert scene.begun == []


def test_an_event_that_is_over_is_seen_by_what_begins_for_another():
    scene = Scene()
    with scene.follow("a"):
        scene.match(ours("gone"), ours("a"))
        assert hosts(scene.begun[0]) == ["host of a"] and uuids(scene.begun[0]) == ["over gone", "a"]


def test_a_parked_event_begins_only_when_it_may():
    async def story():
        scene = Scene()
        scene.answers = [Verdict.ASK_AGAIN, Verdict.GO]
        with scene.follow("a") as a, scene.follow("b") as b:
            a.parked = True
            scene.match(ours("a"), ours("b"))
            assert (a.held, b.held, scene.begun) == (1, 1, [])
            await asyncio.sleep(0)
            assert scene.asked == [], "not before it is written down where they stand"
            a.settled.set()
            b.settled.set()
            await asyncio.wait_for(a.changed.wait(), 5)
            assert scene.asked == [["a", "b"]] * 2
            assert (a.matches, b.matches, a.held, a.parked) == (1, 1, 0, False)
            assert hosts(scene.begun[0]) == ["host of a", "host of b"]

    in_a_loop(story)


def test_a_parked_event_that_may_never_begin_does_not():
    async def story():
        scene = Scene()
        scene.answers = [Verdict.NEVER]
        with scene.follow("a") as a:
            a.parked = True
            a.settled.set()
            scene.match(ours("a"))
            await asyncio.wait_for(a.changed.wait(), 5)
            assert (a.matches, a.held, scene.begun) == (0, 0, [])

    in_a_loop(story)


def test_a_dispatch_that_ends_meanwhile_is_not_waited_for():
    async def story():
        scene = Scene()
        scene.answers = [Verdict.GO]
        with scene.follow("b") as b:
            with scene.follow("a"):
                b.parked = True
                scene.match(ours("a"), ours("b"))
            b.settled.set()
            await asyncio.wait_for(b.changed.wait(), 5)
            assert scene.asked == [["b"]] and hosts(scene.begun[0]) == ["host of b"]

    in_a_loop(story)


def test_nothing_that_is_held_begins_when_the_router_stops():
    async def story():
        scene = Scene()
        with scene.follow("a") as a:
            a.parked = True
            scene.match(ours("a"))
            await asyncio.sleep(0)
            scene.matches.close()
            await asyncio.wait_for(a.changed.wait(), 5)
            a.settled.set()
            await asyncio.sleep(0)
            assert scene.begun == [] and a.held == 0

    in_a_loop(story)


def test_what_stands_in_the_place_of_the_event_tells_whose_it_is():
    scene = Scene()
    with scene.follow("a"):
        scene.match({**ours("new to the engine", dispatch="a"), "payload": {"x": 1}, "data": {"inner": {"meta": {"own": 1}}}}, rule="rooted")
        event = scene.begun[0]["m"]
        assert event["payload"] == {"x": 1, "meta": {"uuid": "a"}} and event["data"]["inner"]["meta"] == {"own": 1, "uuid": "a"}
        for odd in ("text", None, [], {"meta": "text"}):
            scene.match({**ours("a"), "payload": odd, "data": odd}, rule="rooted")
        scene.match({**ours("a"), "payload": {"x": 1}})
        assert scene.begun[-1]["m"]["payload"] == {"x": 1}
