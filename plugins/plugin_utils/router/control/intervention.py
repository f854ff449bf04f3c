# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people's requests have in common: what came of one, why one cannot be done, and the words that they leave behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import ROUTER

T = TypeVar("T")

MAX_NAME = 100
MAX_TEXT = 1000
# Names and reasons end in log lines and on pages: controls, and what reverses or hides text (Unicode TR 36, section 3.3), are left out.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]+")


class NotPossible(Exception):
    """The state of things does not allow what was asked for; the message says what the state is and what is possible. Nothing has changed."""


class UnknownCase(LookupError):
    """There is no case with this id (it may be so old that it was deleted), or none that follows the problem with this dedup_key now."""

    def __init__(self, wanted: int | str) -> None:
        if isinstance(wanted, int):
            super().__init__(f"there is no case {wanted}; it may have been deleted when it was older than `retention`")
        else:
            super().__init__(f"no case follows the problem with the dedup_key {wanted!r} now; one that is over can be named by its id")


class InvalidRequest(ValueError):
    """What was asked for makes no sense in any state: `where` it is wrong, and `text` with what was expected and what came."""

    def __init__(self, where: str, text: str) -> None:
        super().__init__(f"{where}: {text}" if where else text)
        self.where = where
        self.text = text


@dataclass(frozen=True, slots=True)
class Intervention(Generic[T]):
    """What came of a request: `changed` is False where everything was so already; `before` and `after` are what it is about."""

    changed: bool
    before: T
    after: T


def name_of_person(text: str) -> str:
    """Make the name under which a person's decision is kept: one line, at most MAX_NAME characters.

    Raises InvalidRequest when nothing is left of it, or when it is the router's own.
    """
    name = _one_line(text, MAX_NAME)
    if not name:
        raise InvalidRequest("by", "must say who asks, and is empty")
    if name.casefold() == ROUTER:
        raise InvalidRequest("by", f"must say which person asks; {ROUTER} is the name of the router's own decisions")
    return name


def words_of_person(text: str) -> str:
    """Make a reason or a note fit to be kept: one line, at most MAX_TEXT characters; the end of a longer one is left out."""
    return _one_line(text, MAX_TEXT)


def _one_line(text: str, longest: int) -> str:
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
