# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much a request may hold at all: checking data against a schema, and saying what is wrong with it, takes time with each value that is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import TooDeep, ensure_shallow

MAX_VALUES = 2000
MAX_ENTRIES = 500  # of one list: whether no entry is there twice may take the square of their number
MAX_KEY_LENGTH = 100
_KEY = re.compile(rf"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{{0,{MAX_KEY_LENGTH}}}")  # keys are shown to people and in logs


class TooMuch(ValueError):
    """A request that is not even looked at; the message says what is too much."""


def ensure_modest(body: Mapping[str, Any]) -> None:
    """Raise TooMuch when a request is deeper, holds more, or has other keys than any request needs."""
    try:
        ensure_shallow(body)
    except TooDeep as error:
        raise TooMuch(str(error)) from error
    waiting, count = [body], 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if not all(map(_KEY.fullmatch, value)):
                raise TooMuch(f"must have keys of at most {MAX_KEY_LENGTH} characters without control characters")
            children = list(value.values())
        elif isinstance(value, (list, tuple)):
            if len(value) > MAX_ENTRIES:
                raise TooMuch(f"must have at most {MAX_ENTRIES} entries in a list, got {len(value)}")
            children = list(value)
        else:
            continue
        count += len(children)
        if count > MAX_VALUES:
            raise TooMuch(f"must hold at most {MAX_VALUES} values, got more")
        waiting += children
