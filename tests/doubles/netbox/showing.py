# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects as NetBox shows them: whole, nested, and flat as in the change log."""

from __future__ import annotations

from . import times, versions
from .fields import View
from .model import Model
from .reader import Reader, Record
from .registry import MODELS


def view(reader: Reader, base: str) -> View:
    """Return how objects are shown; with an empty base the paths are relative, as in webhooks."""
    return View(reader, base, nested)


def full(model: Model, record: Record, seen: View, without: tuple[str, ...] = ()) -> dict[str, object]:
    """Return an object as its endpoint shows it."""
    shown = head(model, record, seen)
    for field in model.fields_of(seen.reader.version):
        if not field.hidden and field.name not in without:
            shown[field.name] = field.show(record, seen)
    return shown


def some(model: Model, record: Record, seen: View, names: tuple[str, ...]) -> dict[str, object]:
    """Return the named fields only, in the order of the whole."""
    start = head(model, record, seen)
    shown = {name: value for name, value in start.items() if name in names}
    for field in model.fields_of(seen.reader.version):
        if not field.hidden and field.name in names:
            shown[field.name] = field.show(record, seen)
    return shown


def brief(model: Model, record: Record, seen: View) -> dict[str, object]:
    """Return an object as others show it that refer to it."""
    start = head(model, record, seen)
    if "display_url" not in model.brief:
        start.pop("display_url", None)
    fields = {field.name: field for field in model.fields_of(seen.reader.version)}
    for name in model.brief:
        if name in fields:
            # The counters of what is nested stay at zero.
            start[name] = 0 if name.endswith("_count") else fields[name].show(record, seen)
    return start


def nested(object_type: str, object_id: int, seen: View) -> dict[str, object] | None:
    """Return the short form of an object by its type and id, or None when it is not there."""
    record = seen.reader.get(object_type, object_id)
    return None if record is None else brief(MODELS[object_type], record, seen)


def head(model: Model, record: Record, seen: View) -> dict[str, object]:
    """Return what every form of an object starts with."""
    web = model.web_path or model.path
    found = {"id": record["id"], "url": f"{seen.base}/api/{model.path}/{record['id']}/", "display_url": f"{seen.base}/{web}/{record['id']}/"}
    if versions.is_before(seen.reader.version, "4.1"):
        del found["display_url"]
    return found | {"display": model.display(record, seen.reader)}


def flat(model: Model, record: Record, reader: Reader) -> dict[str, object]:
    """Return an object as the change log has it, in the order of its database: short keys first."""
    found = {field.name: field.flat(record, reader) for field in model.fields_of(reader.version) if field.tracked and not field.hidden}
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def snapshot(record: Record, flattened: dict[str, object]) -> dict[str, object]:
    """Return an object as a webhook's snapshots have it: flat, with the time of its creation."""
    return {"created": times.of_snapshot(record["created"]), **flattened}
