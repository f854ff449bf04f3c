# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing requests: each is one transaction, of one object or of many, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from . import lists
from .errors import Refused, detail, invalid
from .model import Model
from .reader import Record
from .transaction import Transaction
from .versions import is_before

Step = Callable[[Transaction], Record | None]
_HELD_POLL_SECONDS = 0.005


async def create(call, model: Model) -> object:
    """Make one object, or all of a list."""
    many = isinstance(call.body, list)
    items = call.body if many else [call.body]
    if model.type == "users.token":
        _may_grant(call, items)
    records = await _carry_out(call, [lambda transaction, item=item: transaction.create(model, item) for item in items])
    with call.netbox.lock:
        shown = [lists.shown(call, model, record, is_new=True) for record in records]
    return shown if many else shown[0]


async def update(call, model: Model, number: int) -> object:
    """Change one object."""
    records = await _carry_out(call, [lambda transaction: transaction.update(model, number, call.body, whole=call.method == "PUT")])
    with call.netbox.lock:
        return lists.shown(call, model, records[0])


async def update_many(call, model: Model) -> object:
    """Change all objects of a list, which names them by their ids."""
    items = _existing(call, model)
    steps = [lambda transaction, item=item: transaction.update(model, item["id"], item, whole=call.method == "PUT") for item in items]
    records = await _carry_out(call, steps)
    with call.netbox.lock:
        return [lists.shown(call, model, record) for record in records]


async def delete(call, model: Model, number: int) -> None:
    """Delete one object."""
    await _carry_out(call, [lambda transaction: transaction.delete(model, number)])


async def delete_many(call, model: Model) -> None:
    """Delete all objects of a list."""
    await _carry_out(call, [lambda transaction, item=item: transaction.delete(model, item["id"]) for item in _existing(call, model)])


async def _carry_out(call, steps: Sequence[Step]) -> list[Record | None]:
    netbox = call.netbox
    with netbox.lock:
        transaction = netbox.open(call.request(_message(call)))
    found, errors = [], []
    collects = isinstance(call.body, list) and call.method != "DELETE" and not is_before(netbox.version, "4.7")
    try:
        for number, step in enumerate(steps):
            try:
                with netbox.lock:
                    found.append(step(transaction))
            except Refused as refused:
                if not collects:
                    raise
                errors.append({"index": number, "errors": refused.body})
            # Others write meanwhile, as they do beside a bulk request that takes its time.
            if netbox.write_pause:
                await asyncio.sleep(netbox.write_pause)
        if errors:
            # Since 4.7 a list is answered with all that is wrong in it; before, with what is wrong first.
            raise Refused(400, {"detail": f"{len(errors)} of {len(steps)} objects failed validation.", "errors": errors})
        delay = netbox.commit_delay(transaction.request) if callable(netbox.commit_delay) else netbox.commit_delay
        if delay:
            await asyncio.sleep(delay)
        while netbox.commits_are_held:
            await asyncio.sleep(_HELD_POLL_SECONDS)
    except Refused:
        # NetBox rolls the objects back, and sends the webhooks that it has put together so far.
        netbox.flush(list(transaction.events.values()))
        raise
    with netbox.lock:
        transaction.commit()
    if netbox.queue_is_down:
        if transaction.events:
            error = {"error": "Error 111 connecting to 127.0.0.1:6379. Connection refused.", "exception": "ConnectionError", "netbox_version": netbox.version}
            raise Refused(500, error)
        return found
    netbox.flush(list(transaction.events.values()))
    return found


def _existing(call, model: Model) -> list[dict]:
    """Return the entries of a list whose objects exist: NetBox passes over the others in silence, and since 4.7 refuses all."""
    items = _with_ids(call.body)
    with call.netbox.lock:
        missing = [item["id"] for item in items if call.netbox.database.get(model.type, item["id"]) is None]
    if missing and not is_before(call.netbox.version, "4.7"):
        errors = [{"id": number, "errors": {"__all__": ["Object not found."]}} for number in missing]
        raise Refused(400, {"detail": f"{len(missing)} of {len(items)} objects could not be found.", "errors": errors})
    return [item for item in items if item["id"] not in missing]


def _with_ids(body: object) -> list[dict]:
    if not isinstance(body, list):
        raise invalid({"non_field_errors": [f'Expected a list of items but got type "{type(body).__name__}".']})
    for item in body:
        if not isinstance(item, dict) or not isinstance(item.get("id"), int):
            raise invalid({"id": ["This field is required."]})
    return body


def _message(call) -> str:
    """Return what the change log shall say beside the changes."""
    items = call.body if isinstance(call.body, list) else [call.body]
    return next((str(item["changelog_message"]) for item in items if isinstance(item, dict) and item.get("changelog_message")), "")


def _may_grant(call, items: Sequence[object]) -> None:
    """Refuse a token for somebody else from who has not the permission to grant one."""
    user = call.actor.user
    for item in items:
        owner = item.get("user") if isinstance(item, dict) else None
        if owner not in (user["id"], {"id": user["id"]}, {"username": user["username"]}) and not call.actor.may("grant", "users.token", call.netbox.database):
            raise detail(403, "This user does not have permission to create tokens for other users.")
