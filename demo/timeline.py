# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timeline on the terminal: one line for each thing that happened, in the order in which it happened."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Callable
from typing import TextIO

# Colours by meaning, used on a terminal only.
GOOD, BAD, QUIET, LOUD = "32", "31", "2", "1"
_TEXT_CHARACTERS, _LINES = 100, 3


class Timeline:
    """Lines with the time since the start.

    What is read from a store comes a moment after what the demo sees itself, so lines are kept until `show` puts them in order.

    Args:
        out: where the lines go.
        clock: returns seconds since the epoch, the clock of the stores.
    """

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock
        self._started = clock()
        self._coloured = out.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")
        self._kept: list[tuple[float, str]] = []

    def chapter(self, *titles: str) -> None:
        """Begin a chapter, or several that happen at the same time."""
        self._kept.append((self._clock(), "\n" + "\n".join(self.colour(title, LOUD) for title in titles)))

    def tell(self, about: str, text: str, *, at: float | None = None, colour: str = "") -> None:
        """Tell what happened.

        Args:
            about: the host or the program that it happened to.
            text: what happened.
            at: when, in seconds since the epoch; now when absent.
            colour: one of this file's.
        """
        at = self._clock() if at is None else at
        first, *others = textwrap.wrap(text, _TEXT_CHARACTERS, max_lines=_LINES, placeholder=" ...")
        lines = [f"{at - self._started:6.1f} s  {about:<16}  {self.colour(first, colour)}", *(f"{'':28}{self.colour(other, colour)}" for other in others)]
        self._kept.append((at, "\n".join(lines)))

    def show(self, until: float | None = None) -> None:
        """Print what is kept, in order, up to a time in seconds since the epoch; all of it when absent."""
        self._kept.sort(key=lambda entry: entry[0])
        while self._kept and (until is None or self._kept[0][0] <= until):
            print(self._kept.pop(0)[1], file=self._out, flush=True)

    def say(self, line: str = "", colour: str = "") -> None:
        """Print a line that has no time."""
        print(self.colour(line, colour), file=self._out, flush=True)

    def colour(self, text: str, colour: str) -> str:
        """Return a text in a colour where the output can show it."""
        return f"\033[{colour}m{text}\033[0m" if self._coloured and colour else text
