# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A source for test_rules_that_wait.py: it puts events that rules take late or never, and writes down what became of them."""

import asyncio
import dataclasses
import json
import sys
import uuid
from pathlib import Path


async def main(queue, args):
    sys.path.insert(0, args["root"])
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine import internals, matches
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.engine import Engine

    engine = Engine(queue, internals.surroundings(), "this life")
    await engine.ready()
    scene = Scene(engine, matches.Verdict)
    seen = {}
    for name in args["stories"]:
        scene.asked.clear()
        began = scene.loop.time()
        events = await STORIES[name](scene)
        seen[name] = {"events": events, "asked": list(scene.asked), "seconds": scene.loop.time() - began}
    Path(args["into"]).write_text(json.dumps(seen))


class Scene:
    """The engine, and a router that answers when it is asked whether actions may begin."""

    def __init__(self, engine, verdict):
        self.engine = engine
        self.verdict = verdict
        self.loop = asyncio.get_running_loop()
        self.names = {}
        self.asked = []
        self.answers = []
        self.before_answer = None
        engine.ask_before_late_actions(self.may_begin)

    async def may_begin(self, uuids):
        self.asked.append(sorted(self.names[each] for each in uuids))
        if self.before_answer:
            await self.before_answer()
        return self.answers.pop(0) if self.answers else self.verdict.GO

    def put(self, name, host="localhost", **event):
        """Put an event; return its task and an event that is set when it was parked."""
        meta = {"hosts": [host], "uuid": str(uuid.uuid4()), "source": {"name": "waiter", "generation": "this life"}}
        self.names[meta["uuid"]] = name
        parked = asyncio.Event()

        async def park():
            parked.set()

        async def perform():
            performed = await self.engine.perform({**event, "meta": meta}, parked=park)
            return {**dataclasses.asdict(performed), "parked": parked.is_set()}

        return Put(meta["uuid"], self.loop.create_task(perform()), parked)


@dataclasses.dataclass
class Put:
    uuid: str
    done: asyncio.Task
    parked: asyncio.Event


async def results(**puts):
    return {name: await put.done for name, put in puts.items()}


async def at_once_and_never(scene):
    return await results(taken=scene.put("taken", what="at once"), untaken=scene.put("untaken", what="nothing that a rule waits for"))


async def once_within(scene):
    first = scene.put("first", what="within", group=1)
    await first.done
    return await results(first=first, second=scene.put("second", what="within", group=1))


async def accumulate(scene):
    first = scene.put("first", what="pile", group=1)
    await first.done
    return await results(first=first, second=scene.put("second", what="pile", group=1))


async def once_after(scene):
    first = scene.put("first", what="after", group=1)
    await first.parked.wait()
    second = scene.put("second", what="after", group=1, host="third")  # of the same group: in no match
    await second.parked.wait()
    found = await results(first=first, other=scene.put("other", what="after", group=2, host="another"))
    scene.engine.give_up(second.uuid)
    return {**found, **await results(second=second)}


async def either(scene):
    return await results(one=scene.put("one", what="one"), other=scene.put("other", what="other"))


async def both(scene):
    left = scene.put("left", what="left", pair=1)
    await left.parked.wait()
    return await results(left=left, right=scene.put("right", what="right", pair=1, host="another"))


async def two_pairs(scene):
    lefts = [scene.put(f"left {number}", what="left", pair=2) for number in (1, 2)]
    for left in lefts:
        await left.parked.wait()
    right = scene.put("right", what="right", pair=2, host="another")
    return await results(left_1=lefts[0], left_2=lefts[1], right=right)


async def later(scene):
    left = scene.put("left", what="left", pair=3)
    await left.parked.wait()
    scene.answers += [scene.verdict.ASK_AGAIN, scene.verdict.ASK_AGAIN]
    return await results(left=left, right=scene.put("right", what="right", pair=3, host="another"))


async def never(scene):
    left = scene.put("left", what="left", pair=4)
    await left.parked.wait()
    scene.answers.append(scene.verdict.NEVER)
    right = scene.put("right", what="right", pair=4, host="another")
    await right.parked.wait()
    while not scene.asked:
        await asyncio.sleep(0.01)
    for put in (left, right):
        scene.engine.give_up(put.uuid)
    return await results(left=left, right=right)


async def one_is_over(scene):
    left = scene.put("left", what="left", pair=5)
    await left.parked.wait()

    async def end_it():
        scene.engine.give_up(left.uuid)
        await left.done

    scene.before_answer = end_it
    scene.answers.append(scene.verdict.ASK_AGAIN)
    found = await results(left=left, right=scene.put("right", what="right", pair=5, host="another"))
    scene.before_answer = None
    return found


async def not_all(scene):
    return await results(one=scene.put("one", what="one"))


async def nobody_came(scene):
    return await results(left=scene.put("left", what="left"))


async def stopped(scene):
    left = scene.put("left", what="left", pair=6)
    await left.parked.wait()
    scene.engine.close()
    return await results(left=left)


STORIES = {
    "at once and never": at_once_and_never,
    "once within": once_within,
    "accumulate": accumulate,
    "once after": once_after,
    "either": either,
    "both": both,
    "two pairs": two_pairs,
    "later": later,
    "never": never,
    "one is over": one_is_over,
    "not all": not_all,
    "nobody came": nobody_came,
    "stopped": stopped,
}
