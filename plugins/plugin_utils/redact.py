# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take secrets out of an event before it is written anywhere, by the names that they stand under."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DISPATCH_DEPTH, TooDeep
from ansible_collections.eventops.infra.plugins.plugin_utils.redact_text import REDACTED, hide_pairs

DEFAULT_WORDS = ("password", "passwd", "secret", "token", "authorization", "api_key", "private_key")

# How lists of headers and of labels write a pair: {"name": "Authorization", "value": "Bearer ..."}. An object with other keys is no pair: an alert
# has a name and a value too, and one called TokenExpired keeps its value.
_NAMING_KEYS = frozenset(("name", "key", "header"))
_PAIR_KEYS = _NAMING_KEYS | {"value", "values"}

# Names that are remembered take at most about a megabyte.
_LONGEST_KNOWN_NAME = 64
_MOST_KNOWN_NAMES = 8192

# What no rule for names or texts is about, but that it may stand under a secret's name.
_PLAIN = frozenset((int, float, bool, type(None)))

_SEPARATORS = str.maketrans("", "", "-_. ")


def redact(value: Any, words: Sequence[str] = DEFAULT_WORDS, *, in_texts: bool = False) -> Any:
    """Return a copy in which the values of keys whose name contains one of `words` are replaced.

    Names are compared without regard to case and to `-`, `_`, `.` and spaces, so that `api_key` also finds `X-API-Key` and `apiKey`. Lists of
    pairs and of objects with a name and a value are headers too. A text that holds a JSON object or list, as queues and SNS deliver them, is
    redacted inside, and so is what nearly is one, such as its beginning, as far as redact_text can tell. Null and booleans stay: they tell no secret, and rules
    read them.

    :param in_texts: for what nobody could read: whether `name=value` and `name: value` in any text are secrets, too.

    Raises TooDeep when objects and lists are nested deeper than MAX_DISPATCH_DEPTH.
    """
    return _redaction_by(tuple(words), in_texts).of(value, MAX_DISPATCH_DEPTH)


def redact_texts(texts: Mapping[str, str | None], words: Sequence[str] = DEFAULT_WORDS) -> dict[str, str | None]:
    """Return a copy of texts by their names, redacted inside where they are JSON; the names are no one's but ours.

    Raises TooDeep.
    """
    return {name: text if text is None else redact(text, words) for name, text in texts.items()}


@functools.lru_cache(maxsize=8)
def _redaction_by(words: tuple[str, ...], in_texts: bool) -> _Redaction:
    return _Redaction(words, in_texts)


class _Redaction:
    """One list of words, with what is known about names: the events of a sender have the same keys again and again."""

    def __init__(self, words: Sequence[str], in_texts: bool) -> None:
        self._in_texts = in_texts
        self._words = tuple(filter(None, map(_normalized, words)))
        self._known: dict[str, bool] = {}

    def of(self, value: Any, levels_left: int) -> Any:
        if isinstance(value, str):
            return self._of_text(value, levels_left)
        if value.__class__ in _PLAIN:
            return value
        if isinstance(value, (dict, Mapping)):  # dict first: asking an abstract class takes ten times as long
            return self._of_object(value, self._below(levels_left))
        if isinstance(value, (list, tuple)):
            below = self._below(levels_left)
            return [self._of_item(item, below) for item in value]
        return value

    @staticmethod
    def _below(levels_left: int) -> int:
        if not levels_left:
            raise TooDeep(MAX_DISPATCH_DEPTH)
        return levels_left - 1

    def _of_object(self, value: Mapping[Any, Any], levels_left: int) -> dict[Any, Any]:
        known, passes_texts, redacted = self._known, not self._in_texts, {}
        for key, item in value.items():
            kind = item.__class__
            if known.get(key) is False and (kind in _PLAIN or passes_texts and kind is str and item[:1].isalnum()):
                redacted[key] = item  # most of what comes: a number, or a text that is no JSON, under a name that is no secret
            elif self._is_secret(key):
                redacted[key] = _hidden(item)
            else:
                redacted[key] = self.of(item, levels_left)
        return redacted

    def _of_item(self, item: Any, levels_left: int) -> Any:
        if isinstance(item, (list, tuple)) and len(item) == 2 and self._is_secret(item[0]):
            return [self.of(item[0], levels_left), _hidden(item[1])]  # the name may be JSON that holds a secret itself
        if isinstance(item, Mapping) and item.keys() <= _PAIR_KEYS and any(self._is_secret(item.get(key)) for key in _NAMING_KEYS):
            return {key: self.of(item[key], levels_left) if key in _NAMING_KEYS else _hidden(item[key]) for key in item}
        return self.of(item, levels_left)

    def _of_text(self, text: str, levels_left: int) -> str:
        looks_like_json = text.lstrip().startswith(("{", "["))
        if not (looks_like_json or self._in_texts) or not self._mentions_secret(text):
            return text
        try:
            embedded = json.loads(text) if looks_like_json else None
        except (ValueError, RecursionError):
            embedded = None
        if embedded is None:
            return hide_pairs(text, self._words, bare=self._in_texts)
        redacted = self.of(embedded, levels_left)
        # A text without a secret keeps its spelling.
        return text if redacted == embedded else json.dumps(redacted)

    def _mentions_secret(self, text: str) -> bool:
        # JSON may spell a letter as an escape.
        return "\\u" in text or self._names_secret(text)

    def _is_secret(self, name: Any) -> bool:
        if not isinstance(name, str):
            return False
        if len(name) > _LONGEST_KNOWN_NAME:
            return self._names_secret(name)
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _MOST_KNOWN_NAMES:  # a sender may make up a new key each time
                self._known.clear()
            known = self._known[name] = self._names_secret(name)
        return known

    def _names_secret(self, text: str) -> bool:
        normalized = _normalized(text)
        return any(word in normalized for word in self._words)


def _normalized(name: str) -> str:
    return name.casefold().translate(_SEPARATORS)


def _hidden(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else REDACTED
