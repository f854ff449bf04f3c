# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of each object, as it is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.eventops.infra.plugins.plugin_utils.keeper import Keeper
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

from .change import Key
from .known import HELD, Known

_OBJECT = "object/"
_HELD = "held/"


class Acquaintances:
    """The objects that the source knows; those that are held are at hand, the others are asked for by their keys."""

    def __init__(self, keeper: Keeper) -> None:
        self.held: dict[Key, Known] = {}
        self._keeper = keeper

    async def recall(self) -> None:
        """Take up which objects are held."""
        self.held = await self.of([_key_of(text.removeprefix(_HELD)) for text in await self._keeper.recall(_HELD)])

    async def of(self, keys: Iterable[Key]) -> dict[Key, Known]:
        """Return what is known of some objects, without those that nothing is known of."""
        texts = await self._keeper.recall_keys([f"{_OBJECT}{_text_of(key)}" for key in keys])
        known, turn = {}, Turn()
        for text, written in texts.items():
            known[_key_of(text.removeprefix(_OBJECT))] = Known.from_text(written)
            await turn.give_way()
        return known

    def noting(self, known: Mapping[Key, Known | None]) -> dict[str, str | None]:
        """Return what is to be remembered for this to be known; None: nothing any more. When that is written, `note` it."""
        remember: dict[str, str | None] = {}
        for key, its in known.items():
            text = _text_of(key)
            remember[f"{_OBJECT}{text}"] = None if its is None else its.as_text()
            if its is not None and its.state == HELD:
                remember[f"{_HELD}{text}"] = ""
            elif key in self.held:
                remember[f"{_HELD}{text}"] = None
        return remember

    def note(self, known: Mapping[Key, Known | None]) -> None:
        """Know this from now on."""
        for key, its in known.items():
            self.held.pop(key, None)
            if its is not None and its.state == HELD:
                self.held[key] = its


def _text_of(key: Key) -> str:
    return f"{key[0]}/{key[1]}"


def _key_of(text: str) -> Key:
    object_type, _slash, number = text.rpartition("/")
    return object_type, int(number)
