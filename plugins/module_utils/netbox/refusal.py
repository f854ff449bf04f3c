# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox says when it refuses a request, in one line."""

from __future__ import annotations

from collections.abc import Mapping

_ABOUT_THE_WHOLE = ("detail", "non_field_errors", "__all__", "error")
_LONGEST = 1000


def refusal(body: object) -> str:
    """Return the errors of a response, each with its field: "object_types: Invalid content type".

    Args:
        body: the response as JSON, or its text where it is none.
    """
    lines = list(_lines(body, ""))
    said = "; ".join(lines) if lines else "without a word"
    return said if len(said) <= _LONGEST else said[: _LONGEST - 3] + "..."


def _lines(body: object, field: str):
    if isinstance(body, Mapping):
        for name, inside in body.items():
            below = field if name in _ABOUT_THE_WHOLE else f"{field}.{name}" if field else str(name)
            yield from _lines(inside, below)
    elif isinstance(body, list):
        for number, inside in enumerate(body):
            # A list of texts is several errors of one field; a list of mappings, one per object or element.
            yield from _lines(inside, f"{field}[{number}]" if isinstance(inside, Mapping) and inside else field)
    elif body not in (None, ""):
        text = " ".join(str(body).split())
        yield f"{field}: {text}" if field else text
