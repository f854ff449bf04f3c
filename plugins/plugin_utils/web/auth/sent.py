# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a sender put into a request to be known by, taken out so that nobody reads it differently."""

from __future__ import annotations

from .delivery import Delivery
from .verifier import NotAuthenticated


def sent_header(delivery: Delivery, name: str, challenge: str = "") -> str:
    """Return a header that the sender has to be known by.

    Another spelling that a proxy or a framework takes for the same name (`X_Api_Key`) is refused beside it: whoever looked at the request
    before may have read that one.

    :raises NotAuthenticated: when it is absent, empty, or there are several.
    """
    values = delivery.headers.getall(name, ())
    if len(values) > 1 or any(_is_other_spelling(each, name) for each in delivery.headers):
        raise NotAuthenticated(f"the request has several headers {name}, or one under another spelling; send one", challenge)
    if not values or not values[0]:
        raise NotAuthenticated(f"the request has no header {name}, by which its sender is known here", challenge)
    return values[0]


def sent_parameter(delivery: Delivery, name: str) -> str:
    """Return a parameter of the query that the sender has to be known by. Raises NotAuthenticated when it is absent, empty, or there are several."""
    values = delivery.query.getall(name, ())
    if len(values) != 1 or not values[0]:
        raise NotAuthenticated(f"the URL has {'several parameters' if len(values) > 1 else 'no parameter'} {name}, by which its sender is known here")
    return values[0]


def as_bytes(text: str) -> bytes:
    """Return a text of a request as bytes, whatever is in it: bytes that were no UTF-8 stand in it as surrogates, and are not what any secret has."""
    return text.encode("utf-8", "surrogatepass")


def _is_other_spelling(given: str, name: str) -> bool:
    return "_" in given and given.replace("_", "-").lower() == name.lower()
