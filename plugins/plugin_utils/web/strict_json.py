# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON as a sender must write it: one meaning for every reader, and nothing in it that only some readers take (RFC 8259, RFC 7493)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from ansible_collections.eventops.infra.plugins.plugin_utils.nesting import MAX_DEPTH, TooDeep, ensure_shallow

MAX_KEYS = 10_000
_LONGEST_KEY = 60  # of one that a message names


class MalformedJson(ValueError):
    """A body that is no JSON, or JSON that readers understand differently. The message is for the sender."""


def parse(body: bytes, *, max_depth: int = MAX_DEPTH, max_keys: int = MAX_KEYS) -> Any:
    """Read a body.

    :param max_depth: how deeply objects and lists may be nested.
    :param max_keys: how many keys all objects may have together.
    :raises MalformedJson: for what is no JSON in UTF-8, a key that an object has twice, NaN and Infinity, numbers that are not finite or have too
        many digits, and what is over a limit.
    """
    if not body or body.isspace():
        raise MalformedJson("the body is empty, JSON was expected")
    # A key has a colon: where there are few, nothing needs to be counted while reading.
    decoder = _DECODER if body.count(b":") <= max_keys else _decoder(_counting(max_keys))
    try:
        value = decoder.decode(body.decode())
        # The same for brackets. What has so many that reading them exhausts the stack is too deep in any case.
        if body.count(b"{") + body.count(b"[") > max_depth:
            ensure_shallow(value, max_depth)
    except MalformedJson:
        raise
    except UnicodeDecodeError as error:
        raise MalformedJson(f"the body must be UTF-8, but byte {error.start} is not: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise MalformedJson(f"the body is no JSON: {error}") from None
    except (TooDeep, RecursionError):
        raise MalformedJson(f"objects and lists must be nested at most {max_depth} levels deep, got more") from None
    except ValueError:  # Python reads no whole number that has thousands of digits: sys.int_info.default_max_str_digits
        raise MalformedJson("a number has too many digits; write it as a string") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson(f"an object has the key {_twice(pairs)!r} twice, and readers differ in which they take")
    return found


def _counting(max_keys: int) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    keys = 0

    def counted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(pairs)
        if keys > max_keys:
            raise MalformedJson(f"all objects together must have at most {max_keys} keys, got more")
        return _object(pairs)

    return counted


def _twice(pairs: list[tuple[str, Any]]) -> str:
    seen = set()
    for key, _value in pairs:
        if key in seen:
            return key[:_LONGEST_KEY]
        seen.add(key)
    return ""


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJson("a number is too large for any reader; write it as a string")
    return number


def _no_number(text: str) -> NoReturn:
    raise MalformedJson(f"{text} is no JSON; leave it out, or write null")


def _decoder(make_object: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=make_object, parse_float=_finite, parse_constant=_no_number)


_DECODER = _decoder(_object)
