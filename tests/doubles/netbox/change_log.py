# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The endpoint of the change log: which rows, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import content_types, showing, times, versions
from .database import Change, Database
from .errors import Invalid, invalid
from .fields import View
from .filters import PAGING, Values
from .registry import MODELS

ACTIONS = {"create": "Created", "update": "Updated", "delete": "Deleted"}
_APPS = {"ipam": "IPAM", "dcim": "DCIM"}


def rows(database: Database, query: Mapping[str, Values], known_to_netbox: Callable[[str], bool]) -> list[Change]:
    """Return the rows that a query asks for, newest first."""
    found = list(database.changes.values())
    errors = {}
    for name, values in query.items():
        if name in PAGING:
            continue
        if name == "changed_object_type" and versions.is_before(database.version, "4.5.3"):
            values = values[-1:]  # no list before: the last one counts
        try:
            matches = _filter(name, values)
        except Invalid as error:
            errors[name] = [str(error)]
            continue
        if matches is not None:
            found = [change for change in found if matches(change)]
        elif known_to_netbox(name):
            raise NotImplementedError(f"the double does not know NetBox's filter {name} of the change log: add it to change_log.py")
    if errors:
        raise invalid(errors)
    return sorted(found, key=lambda change: (change.time, change.id), reverse=True)


def _filter(name: str, values: Values) -> Callable[[Change], bool] | None:
    base, _separator, how = name.partition("__")
    numbers = {"id": lambda change: change.id, "changed_object_id": lambda change: change.object_id, "user_id": lambda change: change.user}
    if base in numbers:
        return _of_numbers(numbers[base], how, values)
    if name in ("time_after", "time_before"):
        limit = times.parsed(values[-1])
        return (lambda change: change.time >= limit) if name == "time_after" else (lambda change: change.time <= limit)
    if name == "action":
        wrong = [value for value in values if value not in ACTIONS]
        if wrong:
            raise Invalid(f"Select a valid choice. {wrong[0]} is not one of the available choices.")
    texts = {
        "action": lambda change: change.action, "changed_object_type": lambda change: change.object_type, "request_id": lambda change: change.request_id,
        "user_name": lambda change: change.user_name, "user": lambda change: change.user_name, "object_repr": lambda change: change.object_repr,
        "changed_object_type_id": lambda change: str(content_types.NUMBERS[change.object_type]),
    }  # fmt: skip
    if name == "q":
        return lambda change: values[-1].lower() in f"{change.user_name} {change.object_repr}".lower()
    if base in texts and how in ("", "n"):
        return lambda change: (texts[base](change) in values) != (how == "n")
    return None


def _of_numbers(read: Callable[[Change], int | None], how: str, values: Values) -> Callable[[Change], bool] | None:
    try:
        wanted = [int(value) for value in values]
    except ValueError as error:
        raise Invalid("Enter a whole number.") from error
    tests = {
        "": lambda number: number in wanted, "n": lambda number: number not in wanted, "gt": lambda number: number > wanted[-1],
        "gte": lambda number: number >= wanted[-1], "lt": lambda number: number < wanted[-1], "lte": lambda number: number <= wanted[-1],
    }  # fmt: skip
    return None if how not in tests else lambda change: tests[how](read(change))


def show(change: Change, view: View) -> dict[str, object]:
    """Return a row as the API shows it."""
    model = MODELS[change.object_type]
    verb = ACTIONS[change.action].lower()
    app = _APPS.get(model.app, model.app.capitalize())
    path = versions.change_log_path(view.reader.version)
    web = "extras/changelog" if path.startswith("extras") else "core/changelog"
    found = {
        "id": change.id,
        "url": f"{view.base}/api/{path}/{change.id}/",
        "display_url": f"{view.base}/{web}/{change.id}/",
        "display": f"{app} | {model.label} {change.object_repr} {verb} by {change.user_name}",
        "time": times.of_api(change.time),
        "user": showing.nested("users.user", change.user, view),
        "user_name": change.user_name,
        "request_id": change.request_id,
        "action": {"value": change.action, "label": ACTIONS[change.action]},
        "changed_object_type": change.object_type,
        "changed_object_id": change.object_id,
        "changed_object": showing.nested(change.object_type, change.object_id, view),
        "object_repr": change.object_repr,
        "message": change.message,
        "prechange_data": change.before,
        "postchange_data": change.after,
    }
    if versions.is_before(view.reader.version, "4.4"):
        del found["message"]
    if versions.is_before(view.reader.version, "4.1"):
        del found["display_url"]
    return found
