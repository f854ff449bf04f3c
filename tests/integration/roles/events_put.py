# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events that a rulebook gets as they are, from a source in the place of the router."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook

ROUTER = "eventops.infra.router"
_SOURCE = """
import asyncio, json

async def main(queue, args):
    for event in json.load(open("events.json")):
        await queue.put(event)
    await asyncio.sleep(3600)
"""


def start_with_events(rulebook: Rulebook, events: Sequence[dict], **environment: str) -> None:
    """Start a rulebook that is written, with these events."""
    (rulebook.directory / "events.json").write_text(json.dumps(events))
    (rulebook.directory / "sources").mkdir()
    (rulebook.directory / "sources" / f"{ROUTER}.py").write_text(_SOURCE)
    rulebook.start("--source-dir", "sources", **environment)
