# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists and single objects as the API answers them: chosen, ordered, paged, and with the fields that were asked for."""

from __future__ import annotations

from collections.abc import Callable

from . import change_log as log
from . import filters, showing, versions
from .database import Change
from .errors import forbidden
from .model import Model
from .paging import page
from .permissions import written_out
from .reader import Record


def answer(call, model: Model) -> dict[str, object]:
    """Return the answer to a request for a list."""
    netbox = call.netbox
    with netbox.lock:
        if not call.actor.may("view", model.type, netbox.database):
            raise forbidden()
        found = filters.matching(model, call.query, netbox.database, netbox.known_parameters(call.path).__contains__)
        if not call.actor.user["is_superuser"]:
            found = [record for record in found if call.actor.may("view", model.type, netbox.database, record)]
        ordered = _ordered(found, call.query.get("ordering"), model.sort, lambda record, name: record.get(name))
        chosen = page(ordered, call.query, f"{call.base}/api/{call.path}/", lambda record: record["id"], netbox.version)
        return chosen.shown([shown(call, model, record) for record in chosen.items])


def change_log(call) -> dict[str, object]:
    """Return the answer to a request for the change log."""
    netbox = call.netbox
    rows = log.rows(netbox.database, call.query, netbox.known_parameters(call.path).__contains__)
    newest_first = {change.id: number for number, change in enumerate(rows)}
    rows = _ordered(rows, call.query.get("ordering"), lambda change: newest_first[change.id], _of_change)
    chosen = page(rows, call.query, f"{call.base}/api/{call.path}/", lambda change: change.id, netbox.version)
    view = showing.view(netbox.database, call.base)
    # Of the core application only since 4.5; before, whoever asks for some gets all.
    knows_fields = not versions.is_before(netbox.version, "4.5")
    wanted = _names(call, "fields") if knows_fields else ()
    unwanted = _names(call, "omit") if knows_fields else ()
    results = [log.show(change, view) for change in chosen.items]
    if wanted or unwanted:
        results = [{name: value for name, value in row.items() if (not wanted or name in wanted) and name not in unwanted} for row in results]
    return chosen.shown(results)


def shown(call, model: Model, record: Record, *, is_new: bool = False) -> dict[str, object]:
    """Return an object in the form that a request asks for."""
    view = showing.view(call.netbox.database, call.base)
    if _names(call, "fields"):
        return showing.some(model, record, view, _names(call, "fields"))
    # Any value switches it on: `brief=false`, too.
    if call.method == "GET" and call.query.get("brief", [""])[-1]:
        return showing.brief(model, record, view)
    # `exclude` is for config contexts alone, which 4.7 keeps rendered and always shows.
    unwanted = (*_names(call, "omit"), *(_names(call, "exclude") if versions.is_before(call.netbox.version, "4.7") else ()))
    found = showing.full(model, record, view, unwanted)
    if model.type == "users.token":
        found = token(record, found, call.netbox.version, is_new=is_new)
    return {name: value for name, value in found.items() if name not in unwanted}


def token(record: Record, found: dict[str, object], version: str, *, is_new: bool) -> dict[str, object]:
    """Return a token as the API shows it: a client learns its plain text once, and from 4.4 to 4.5 never, unless NetBox is configured to show it."""
    if versions.has_tokens_of_version_2(version):
        return found | {"token": record["secret"] if is_new else None}
    if versions.is_before(version, "4.4"):
        return found | {"key": written_out(record)}
    return {name: value for name, value in found.items() if name != "key"}


def _ordered(items: list, ordering: list[str] | None, default: Callable, read: Callable[[object, str], object]) -> list:
    found = sorted(items, key=default)
    for name in reversed([part for value in ordering or () for part in value.split(",") if part]):
        # What is null comes last, as it does in PostgreSQL.
        found.sort(key=lambda item, name=name: _key(read(item, name.lstrip("-"))), reverse=name.startswith("-"))
    return found


def _key(value: object) -> tuple:
    return (value is None, 0 if value is None else value)


def _of_change(change: Change, name: str) -> object:
    names = {"changed_object_id": "object_id", "changed_object_type": "object_type"}
    return getattr(change, names.get(name, name), None)


def _names(call, parameter: str) -> tuple[str, ...]:
    return tuple(name for value in call.query.get(parameter, ()) for name in value.split(",") if name)
