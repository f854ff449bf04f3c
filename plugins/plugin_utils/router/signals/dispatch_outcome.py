# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outcome of a dispatch in one of a few words, which can be counted; its text in the store says more."""

from __future__ import annotations

import re

SUCCEEDED, FAILED, PARTLY_FAILED, UNTAKEN, OTHER = "succeeded", "failed", "partly_failed", "untaken", "other"
OUTCOMES = (SUCCEEDED, FAILED, PARTLY_FAILED, UNTAKEN, OTHER)

_UNTAKEN_TEXT = "no rule took it"
_WORD = f"({SUCCEEDED}|{FAILED}|{_UNTAKEN_TEXT})"
# cases/landing.py: of one case "failed: ...", where only the beginning is ours; of several "47 of 50 succeeded; 3 of 50 failed: ...", and no error holds "; ".
_OF_ONE = re.compile(_WORD)
_OF_SEVERAL = re.compile(rf"(?:^|; )\d+ of \d+ {_WORD}")


def outcome_of(text: str) -> str:
    """Return the word for the text that an ended dispatch has as its outcome."""
    of_one = _OF_ONE.match(text)
    told = {of_one[1]} if of_one else set(_OF_SEVERAL.findall(text))
    if FAILED in told:
        return PARTLY_FAILED if SUCCEEDED in told else FAILED
    if SUCCEEDED in told:
        return SUCCEEDED
    return UNTAKEN if _UNTAKEN_TEXT in told else OTHER
