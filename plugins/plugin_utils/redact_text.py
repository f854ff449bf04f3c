# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take secrets out of a text that nobody could parse, where it looks as if a name and its value stood there.

Nothing of this is certain, so it errs on one side: where it is not clear how far a value goes, all that follows is hidden, too. Each pattern looks at a
character a bounded number of times, whatever the text: what repeats without bound never gives anything back, or is not tried again from within.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

REDACTED = "[redacted]"

# A name goes on for so many characters behind the word that makes it a secret.
_LONGEST_END = 60
# A text of JSON in a text of JSON, four times over.
_MOST_BACKSLASHES = 15
_BACKSLASHES = rf"\\{{0,{_MOST_BACKSLASHES}}}"
_TELL_NO_SECRET = ("null", "true", "false", "none")
_SCHEMES = "bearer|basic|digest|negotiate|token|apikey"

# A value in quotes, which may themselves be escaped: then a quote within it is escaped once more, and so is a backslash.
_IN_QUOTES = rf"""
    (?P<open>{_BACKSLASHES})(?P<quote>["'])
    (?: (?!(?P=quote))[^\\] | \\(?P=open) (?: (?P=open)(?P=quote) | \\(?P=open) | (?!(?P=quote))[^\\] ) )*+
    (?P=open)(?P=quote)
    (?= [ \t]*+ (?: [,;&)}}\]\\\r\n] | \Z ) | [ \t]++ [\w.\-]++ [=:] )
"""
_WHATEVER_FOLLOWS = r"(?P<rest>[\s\S]+)"
_ALREADY = re.escape(REDACTED)

# "password": "..." and 'password' => 5, as in JSON, or what nearly is it.
_QUOTED_NAME = rf"""
    [^"'\\:=\r\n]{{0,{_LONGEST_END}}}+ {_BACKSLASHES} ["'] \s*+ (?: =>?=? | ::? ) \s*+
    (?: {_ALREADY} | {_IN_QUOTES} | (?P<plain>[^,}}\]\[{{(\\"'\r\n]++)(?=[,}}\]\r\n]|\Z) | {_WHATEVER_FOLLOWS} )
"""
# password=..., and password: ... up to the end of the line, as in a form, a header, a line of a log.
_BARE_NAME = rf"""
    [\w.\-\ ]{{0,{_LONGEST_END}}}+ [ \t]*+ (?: (?P<equals>=>?=?) | ::? ) [ \t]*+
    (?: {_ALREADY} | {_IN_QUOTES}
      | (?P<plain> (?![\[{{(]) (?(equals) (?:(?i:{_SCHEMES})[ \t]++)?+ [^\s"'\\]++ | [^\r\n"'\\]++ ) ) (?= \s | \Z | {_BACKSLASHES}["'] \s*+ (?:[,}}\])]|\Z) )
      | {_WHATEVER_FOLLOWS} )
"""


def hide_pairs(text: str, words: Sequence[str], *, bare: bool) -> str:
    """Return a text in which the values of names that contain one of `words` are hidden.

    :param words: in lower case and without what may separate their letters.
    :param bare: whether names without quotes count, too.
    """
    for pattern in _patterns(tuple(words), bare):
        text = pattern.sub(_hide, text)
    return text


def _hide(found: re.Match[str]) -> str:
    if (plain := found["plain"]) is not None:
        if plain.strip().lower() in ("", *_TELL_NO_SECRET):
            return found[0]
        start, end = found.start("plain"), ""
    elif found["rest"] is not None:
        start, end = found.start("rest"), ""
    elif found["quote"] is not None:
        start, end = found.start("quote") + 1, f"{found['open']}{found['quote']}"
    else:
        return found[0]
    return f"{found.string[found.start() : start]}{REDACTED}{end}"


@functools.lru_cache(maxsize=8)
def _patterns(words: tuple[str, ...], bare: bool) -> tuple[re.Pattern[str], ...]:
    if not words:
        return ()
    # A set of characters at the beginning is what re finds fast.
    first = re.escape("".join(character for word in words for spelling in _spellings(word[0]) for character in _cases(spelling[-1])))
    word = "|".join(f"(?:{_behind(word[0])})" + "".join(rf"[-_.\ ]*+(?:{_ahead(letter)})" for letter in word[1:]) for word in words)
    return tuple(re.compile(f"[{first}](?:{word}){rest}", re.VERBOSE) for rest in ((_QUOTED_NAME, _BARE_NAME) if bare else (_QUOTED_NAME,)))


def _behind(letter: str) -> str:
    return "|".join(f"(?<={_either(spelling)})" for spelling in _spellings(letter))


def _ahead(letter: str) -> str:
    plain, *escapes = _spellings(letter)
    return "|".join((_either(plain), *(rf"\\{{1,{_MOST_BACKSLASHES}}}{_either(escape)}" for escape in escapes)))


def _spellings(letter: str) -> tuple[str, ...]:
    """Return how a letter may be written: beyond ASCII as an escape of JSON, too, which is named here without its backslashes."""
    return (letter, *(f"u{ord(each):04x}" for each in _cases(letter) if not each.isascii()))


def _either(spelling: str) -> str:
    return "".join(f"[{re.escape(''.join(_cases(character)))}]" for character in spelling)


def _cases(letter: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in (letter, letter.upper()) if len(each) == 1))
