# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Break what would make a text a template, a template's header, a vault or an unreadable extra var.

Extra vars are trusted templates, and a playbook may join, trim or squeeze the texts of an event before Ansible looks at them. So a character is
broken not only where it begins a marker, but wherever the rest of the text, or another text put behind it, can make it begin one.

ansible-rulebook also evaluates an action's argument as a Python literal when it reads like one (Jinja's NativeEnvironment): the text
`'\\x7b{ lookup(...) }}'`, quotes included, arrives in the playbook without them and with its escapes resolved, and `'{' '{'` arrives as one
string. So what stands between two characters of a marker may be more than spaces (`_GAP`), and escapes count as what they stand for.

One evaluation is covered. A rule that stores an event's text as a fact and evaluates it a second time is not.

A broken character becomes its fullwidth form, which people still read and nothing turns back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FULLWIDTH = {"{": "\uff5b", "#": "\uff03", "$": "\uff04", "\\": "\uff3c"}

# The engine's bridge to Java corrupts what lies above U+FFFF, and the playbook then fails to start; lone surrogates do the same.
_UNREADABLE = "\ud800-\udfff\U00010000-\U0010ffff"
_REPLACEMENT = "\ufffd"

# Nearly every text of an event holds none of these and is done after this search.
_SUSPICIOUS = re.compile(rf"[{{#$\\{_UNREADABLE}]")

# What trimming, squeezing or the evaluation of a literal takes away: white space, quotes, backslashes, the letter of an escaped white space, and the
# prefix of an adjacent string. Possessive, so that a long gap is walked once and not once for each of its lengths.
_GAP = r"""(?:[\s'"\\]|(?<=\\)[nrtfv]|[rRuU](?=\s*+(?:['"]|\Z)))*+"""

# An escape can stand for any character, so it counts as the one that is missing.
_ESCAPE = r"(?<=\\)[xuUN0-7]"


def _may_become(units: Sequence[str], gap: str, otherwise: str = r"\Z") -> str:
    """Make the pattern of a text that goes on with `units`, a gap before each, or has `otherwise` in the place of one.

    The end of the text counts: the rest may stand in the text that a playbook puts behind it.
    """
    pattern = ""
    for unit in reversed(units):
        pattern = rf"{gap}(?:{otherwise}|{unit}{pattern})"
    return pattern


def _word(word: str) -> str:
    # Without regard to case: a playbook may apply `lower` or `upper`.
    return _may_become([f"(?i:{re.escape(letter)})" for letter in word], _GAP, rf"\Z|{_ESCAPE}")


def _escape_of(character: str) -> str:
    """Make the pattern of what follows the backslash in Python's escapes for an ASCII character."""
    digits = [f"(?i:{digit})" for digit in f"{ord(character):02x}"]
    octal = f"{ord(character):o}"
    ways = [["x", *digits], ["u", *"00", *digits], ["U", *"000000", *digits], list(octal), list(octal.zfill(3))]
    # Nothing but white space can be taken out of the middle of an escape. Were a backslash a gap here, a long row of them would be walked once for each.
    return "|".join(_may_become(way, r"\s*+") for way in ways)


_NAMED_ESCAPE = _may_become(["N", re.escape("{")], r"\s*+")

_BREAK = re.compile(
    "|".join(
        (
            rf"\{{(?={_GAP}(?:[{{%#]|\Z|{_ESCAPE}))",
            rf"\#(?={_word('jinja2:')})",
            rf"\$(?={_word('ANSIBLE_VAULT')})",
            # The escapes of these three, which would put them there unseen; `\N{...}` can name any of them.
            rf"\\(?={_NAMED_ESCAPE}|{'|'.join(map(_escape_of, '{#$'))})",
            f"[{_UNREADABLE}]",
        )
    )
)


def neutralize_text(text: str) -> str:
    """Return the text with everything dangerous broken, and the very same object when there was nothing."""
    if not _SUSPICIOUS.search(text):
        return text
    # `#jinja2:` changes the markers only as the first characters of a template. What a playbook puts together may begin with any text of an event.
    unindented = text.lstrip()
    if unindented.startswith("#"):
        text = text[: -len(unindented)] + _FULLWIDTH["#"] + unindented[1:]
    # When nothing matches, sub returns the text itself.
    return _BREAK.sub(_broken, text)


def _broken(match: re.Match[str]) -> str:
    return _FULLWIDTH.get(match[0], _REPLACEMENT)
