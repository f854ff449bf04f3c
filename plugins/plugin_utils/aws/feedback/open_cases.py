# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which cases are being worked on, by what they are about: its tag is to say the newest of them."""

from __future__ import annotations

from collections.abc import Iterable, Set

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.feedback.targets import Target


class OpenCases:
    """Those that AWS has been told of. Each was there when it was added: what is over meanwhile is left out with `only`."""

    def __init__(self) -> None:
        self._about: dict[int, Target | None] = {}
        self._of: dict[Target, set[int]] = {}

    @property
    def ids(self) -> Set[int]:
        """Return the numbers of all of them."""
        return self._about.keys()

    def add(self, numbers: Iterable[int], target: Target | None) -> None:
        """Note that cases are about something; None: about nothing that has a tag."""
        for number in numbers:
            self._about[number] = target
            if target is not None:
                self._of.setdefault(target, set()).add(number)

    def end(self, number: int) -> None:
        """Note that a case is over."""
        target = self._about.pop(number, None)
        if target is not None:
            self._of[target].discard(number)
            if not self._of[target]:
                del self._of[target]

    def only(self, numbers: Set[int]) -> None:
        """Keep none but these: the end of another may be told to somebody else, from whom its newest event was."""
        for number in [each for each in self._about if each not in numbers]:
            self.end(number)

    def newest(self, target: Target) -> int | None:
        """Return the number of the newest case that is open."""
        return max(self._of.get(target, ()), default=None)
