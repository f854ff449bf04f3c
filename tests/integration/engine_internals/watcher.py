# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A source for test_engine_internals.py: it uses the router's view of the engine and writes down what it saw."""

import asyncio
import dataclasses
import json
import sys
import uuid
from pathlib import Path


async def main(queue, args):
    sys.path.insert(0, args["root"])
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine import internals
    from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.engine import Engine

    around = internals.surroundings()
    engine = Engine(queue, around, "this life")
    await engine.ready()

    async def put(**event):
        began = []
        meta = {"hosts": ["localhost"], "uuid": str(uuid.uuid4()), "source": {"name": "watcher", "generation": "this life"}}
        performed = await engine.perform({**event, "meta": meta}, began.append)
        return {**dataclasses.asdict(performed), "began": began}

    seen = {"around": dataclasses.asdict(around), "plugins": {}}
    seen["alone"] = {name: await put(what=name, payload={"x": 1}) for name in args["alone"]}
    seen["unreadable"] = await put(what="playbook", number=float("nan"))
    seen["together"] = await asyncio.gather(*(put(**event) for event in args["together"]))
    for kind, load, names in (
        ("source", lambda name: internals.load_source(name, []), ["eda.builtin.webhook", "ansible.eda.generic", "no.such.source", "nosuch"]),
        ("filter", lambda name: internals.load_filter(name, []), ["eda.builtin.json_filter", "ansible.eda.noop", "no.such.filter"]),
    ):
        for name in names:
            try:
                seen["plugins"][f"{kind} {name}"] = callable(load(name))
            except internals.UnknownPlugin as error:
                seen["plugins"][f"{kind} {name}"] = str(error)
    Path(args["into"]).write_text(json.dumps(seen))
