# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the endpoints answer."""

from __future__ import annotations

from aiohttp import web

from . import change_log, lists, permissions, schema, showing, status, versions, writers
from .errors import detail, not_found
from .kinds import Choice
from .model import Model
from .registry import BY_PATH, EMPTY

PROVISION = "users/tokens/provision"


async def answer(call) -> tuple[int, object]:
    """Return the status and the body of the answer to a call."""
    netbox = call.netbox
    if call.path == "":
        return 200, status.root(call.base)
    if call.path == "status":
        return 200, status.of(netbox)
    if call.path == "authentication-check" and not versions.is_before(netbox.version, "4.5"):
        with netbox.lock:
            return 200, showing.brief(BY_PATH["users/users"], call.actor.user, showing.view(netbox.database, call.base))
    log = versions.change_log_path(netbox.version)
    if call.path == log or call.path.startswith(f"{log}/"):
        return _change_log(call, log)
    if call.path == "core/background-tasks" or call.path in EMPTY:
        return 200, {"count": 0, "next": None, "previous": None, "results": []}
    path, _slash, last = call.path.rpartition("/")
    if call.path in BY_PATH:
        return await _list(call, BY_PATH[call.path])
    if path in BY_PATH and last.isdigit():
        return await _object(call, BY_PATH[path], int(last))
    raise detail(404, "Not found.")


def schema_for(netbox, accept: str, form: str | None) -> web.Response:
    """Return the schema, which NetBox gives to everybody; it is YAML unless JSON is asked for, and all JSON is YAML."""
    kind = "application/json" if form == "json" or "json" in accept else "application/vnd.oai.openapi"
    return web.json_response(schema.of_version(netbox.version), content_type=kind)


async def _list(call, model: Model) -> tuple[int, object]:
    if call.method in ("GET", "HEAD"):
        return 200, lists.answer(call, model)
    if call.method == "OPTIONS":
        return 200, _options(model)
    call.actor.demand(permissions.ACTIONS[call.method], model.type, call.netbox.database)
    if call.method == "POST":
        return 201, await writers.create(call, model)
    if call.method in ("PUT", "PATCH"):
        return 200, await writers.update_many(call, model)
    if call.method == "DELETE":
        await writers.delete_many(call, model)
        return 204, None
    raise detail(405, f'Method "{call.method}" not allowed.')


async def _object(call, model: Model, number: int) -> tuple[int, object]:
    if call.method == "OPTIONS":
        return 200, _options(model)
    if call.method not in permissions.ACTIONS or call.method == "POST":
        raise detail(405, f'Method "{call.method}" not allowed.')
    action = permissions.ACTIONS[call.method]
    with call.netbox.lock:
        call.actor.demand(action, model.type, call.netbox.database)
        record = call.netbox.database.get(model.type, number)
        if record is None or not call.actor.may(action, model.type, call.netbox.database, record):
            raise not_found(model.class_name)
        if call.method in ("GET", "HEAD"):
            return 200, lists.shown(call, model, record)
    if call.method == "DELETE":
        await writers.delete(call, model, number)
        return 204, None
    return 200, await writers.update(call, model, number)


def _change_log(call, path: str) -> tuple[int, object]:
    netbox = call.netbox
    if call.method not in ("GET", "HEAD"):
        raise detail(405, f'Method "{call.method}" not allowed.')
    call.actor.demand("view", versions.change_log_type(netbox.version), netbox.database)
    last = call.path.removeprefix(path).strip("/")
    with netbox.lock:
        if not last:
            return 200, lists.change_log(call)
        change = netbox.database.changes.get(int(last)) if last.isdigit() else None
        if change is None:
            raise not_found("ObjectChange")
        return 200, change_log.show(change, showing.view(netbox.database, call.base))


def _options(model: Model) -> dict[str, object]:
    actions = {}
    for field in model.fields:
        found = {"required": field.required, "read_only": not field.writable}
        if isinstance(field, Choice):
            found["choices"] = [{"value": value, "display": label} for value, label in field.choices.items()]
        actions[field.name] = found
    return {"name": model.class_name, "actions": {"POST": actions}}


def provision(netbox, body: object, base: str) -> tuple[int, object]:
    """Make a token for a user who shows name and password."""
    user = netbox.find("users.user", username=(body or {}).get("username"), password=(body or {}).get("password"))
    if user is None:
        raise detail(403, "Invalid username/password")
    netbox.add_token(user["username"])
    with netbox.lock:
        record = max(netbox.database.all("users.token"), key=lambda token: token["id"])
        return 201, lists.token(record, showing.full(BY_PATH["users/tokens"], record, showing.view(netbox.database, base)), netbox.version, is_new=True)
