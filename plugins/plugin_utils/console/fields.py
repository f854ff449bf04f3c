# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fields of a form: those that it is known to have, and no other. A misspelt one must not turn a pause of some hosts into one of everything."""

from __future__ import annotations

from aiohttp import web
from ansible_collections.eventops.infra.plugins.plugin_utils.router.control.intervention import InvalidRequest
from ansible_collections.eventops.infra.plugins.plugin_utils.schema_mistakes import enumeration, nearest
from multidict import MultiDictProxy

from .visitors import form

# What the console's own pages send beside what a person fills in.
_OF_PAGES = frozenset({"csrf", "back"})
_SHOWN_CHARACTERS = 40


def fields_of(request: web.Request, *known: str) -> MultiDictProxy[str]:
    """Return the fields of a POST. Raises InvalidRequest when there is one that is not known here, or when some stand in the address."""
    if request.query:
        raise InvalidRequest("", "fields are sent as a form, and not in the address: curl -d FIELD=VALUE")
    given = form(request)
    require_known(given, *known)
    return given


def require_known(given: MultiDictProxy[str], *known: str) -> None:
    """Raise InvalidRequest when one of the fields is not known."""
    for name in given:
        if name not in known and name not in _OF_PAGES:
            raise InvalidRequest(_shown(name), f"unknown field, {_advice(name, known)}")


def _advice(name: str, known: tuple[str, ...]) -> str:
    if meant := nearest(name, known):
        return f"did you mean {meant}?"
    return f"the known ones are {enumeration(known, 'and')}" if known else "this address takes none"


def _shown(name: str) -> str:
    return name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}…"
