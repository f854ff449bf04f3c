# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The demo: real services are killed on this machine, and stock ansible-rulebook with this collection heals them.

`make demo` sets up what it needs and runs it. Everything is kept in .build/demo, and every process that it starts is ended.
The exit code is 0 only if every claim held.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path

import processes
import summary
import workplace
from acts.crash import Crash
from acts.given_up import GivenUp
from acts.healed import Healed
from acts.hostile import Hostile
from claims import Claim
from stage import Stage
from timeline import BAD, GOOD, Timeline
from waiting import NotSeen

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Act = Healed | GivenUp | Hostile | Crash


class Stopped(Exception):
    """The demo was told to stop, by the signal with this number."""


async def play(stage: Stage, most_seconds: float) -> bool:
    """Play all acts, print what came of them, and return whether every claim held."""
    healed, given_up, hostile, crash = acts = Healed(stage), GivenUp(stage), Hostile(stage), Crash(stage)
    unseen: list[Claim] = []
    async with stage.told():
        try:
            async with asyncio.timeout(most_seconds):
                if await went_on(stage.opens(), unseen):
                    stage.timeline.chapter(healed.title)
                    await went_on(healed.play(), unseen)
                    # Beside each other: the one is mostly waiting, and each has an ansible-rulebook of its own.
                    stage.timeline.chapter(given_up.title, hostile.title)
                    await asyncio.gather(went_on(given_up.play(), unseen), went_on(hostile.play(), unseen))
                    stage.timeline.chapter(crash.title)
                    await went_on(crash.play(), unseen)
        except TimeoutError:
            unseen.append(Claim(f"the demo ends within {most_seconds:g} s", held=False))
        await stage.closes()
    summary.tell_outages(stage.timeline, healed, given_up, crash)
    summary.tell_events(stage.timeline, hostile)
    return summary.tell_claims(stage.timeline, [*unseen, *(claim for act in acts for claim in judged(act))])


async def went_on(part: Coroutine[None, None, None], unseen: list[Claim]) -> bool:
    """Play a part; when something does not happen, note it as a claim that failed, so that the next parts are still played."""
    try:
        await part
    except NotSeen as error:
        unseen.append(Claim(str(error), held=False))
    except Exception as error:  # what an act stumbles over is no reason not to play the others
        unseen.append(Claim("everything could be done and read", held=False, seen=repr(error)))
    else:
        return True
    return False


def judged(act: Act) -> list[Claim]:
    """Return the claims of an act, judged by what can be seen now."""
    try:
        return list(act.claims())
    except Exception as error:  # something is not at all as expected
        return [Claim(f"{act.title}: could be judged", held=False, seen=repr(error))]


async def until_signal(story: Coroutine[None, None, bool]) -> bool:
    """Run a coroutine to its end. Raises Stopped when a signal comes first."""
    task = asyncio.ensure_future(story)
    came: list[int] = []

    def stop(number: int) -> None:
        came.append(number)
        task.cancel()

    for number in _STOPPING:
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if came:
            raise Stopped(came[0]) from None
        raise


def main(arguments: Sequence[str]) -> int:
    """Run the demo and return the exit code."""
    options = read_options(arguments)
    if not sys.platform.startswith("linux"):
        sys.exit("The demo needs Linux: each service has an address of its own in 127.0.0.0/8, and processes are found in /proc.")
    sys.stdout.reconfigure(errors="replace")
    with workplace.occupied(options.directory) as directory:
        env = os.environ | {processes.VARIABLE: str(directory), "TMPDIR": str(directory / "tmp")}
        tempfile.tempdir = env["TMPDIR"]
        timeline = Timeline(sys.stdout)
        started = time.monotonic()
        try:
            stage = Stage(directory, env, timeline, options.patience)
            held = asyncio.run(until_signal(play(stage, options.limit)))
        except Stopped as stopped:
            timeline.say(f"\nStopped. Logs and stores: {directory}", BAD)
            return 128 + stopped.args[0]
        finally:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)  # nothing cuts the tidying up short
            processes.end_all(str(directory))
        timeline.say()
        timeline.say(f"{'Every claim held' if held else 'Not every claim held: see FAILED above'}. {time.monotonic() - started:.0f} s.", GOOD if held else BAD)
        timeline.say(f"Logs, stores and inventory: {directory}")
        return 0 if held else 1


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[1] / ".build" / "demo"
    parser.add_argument("--directory", type=Path, default=default, help="gets all files, and is emptied first (.build/demo)")
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="how long each thing is waited for (60)")
    parser.add_argument("--limit", type=float, default=160, metavar="SECONDS", help="when the demo ends, whatever has happened (160)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
