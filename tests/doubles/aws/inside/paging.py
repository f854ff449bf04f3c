# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages, as CloudWatch and Auto Scaling hand them out: so many entries, and a token for the next."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from moto.core.exceptions import ServiceException

T = TypeVar("T")


class InvalidToken(ServiceException):
    """A token that no page handed out."""

    code = "InvalidNextToken"
    message = "The next token specified is invalid."


class WrongSize(ServiceException):
    """A page of no size that there is."""

    code = "ValidationError"


def page(entries: Sequence[T], size: int, token: str | None, key: Callable[[T], Hashable]) -> tuple[list[T], str | None]:
    """Return the entries of a page, and the token of the next.

    A token names the last entry by its key: what is added meanwhile before it moves nothing, as with AWS.
    """
    start = 0
    if token:
        last = _read(token)
        start = next((number + 1 for number, entry in enumerate(entries) if _written(key(entry)) == last), None)
        if start is None:
            raise InvalidToken()
    found = list(entries[start : start + size])
    more = len(entries) > start + size
    return found, base64.urlsafe_b64encode(_written(key(found[-1])).encode()).decode() if more and found else None


def size_of(asked: Any, default: int, greatest: int) -> int:
    """Return how many entries a page has. Raises what AWS answers for a wrong number."""
    size = default if asked is None else int(asked)
    if not 1 <= size <= greatest:
        text = f"1 validation error detected: Value '{size}' at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and {greatest}"
        raise WrongSize(text)
    return size


def _written(key: Hashable) -> str:
    return str(key)


def _read(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidToken() from error
