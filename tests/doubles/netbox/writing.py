# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what a request sends to what is kept of it; what is wrong is told by field, as NetBox does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from .errors import Invalid, Refused, invalid
from .model import Model
from .models_extras import FLAGS
from .reader import Reader, Record

Value = TypeVar("Value")


def new(model: Model, data: object, reader: Reader) -> Record:
    """Return a new object, without its id and times."""
    data = _object(data)
    values, errors = _read(model, data, reader)
    present = {field.name for field in model.fields_of(reader.version)}
    for field in model.fields:
        if field.required and field.name in present and field.name not in values and field.name not in errors:
            errors[field.name] = ["This field is required."]
    if errors:
        raise invalid(errors)
    record = {"id": None} | {field.name: field.default for field in model.fields if field.stored}
    return _of_old_rules(model, record | values)


def changed(model: Model, old: Record, data: object, reader: Reader, *, whole: bool = False) -> Record:
    """Return an object as a request wants it."""
    values, errors = _read(model, _object(data), reader)
    if whole:
        errors |= {field.name: ["This field is required."] for field in model.fields_of(reader.version) if field.required and field.name not in data}
    if errors:
        raise invalid(errors)
    if "custom_fields" in values:
        values["custom_fields"] = old["custom_fields"] | values["custom_fields"]
    return _of_old_rules(model, old | values)


def checked(name: str, read: Callable[[], Value]) -> Value:
    """Return what a function returns; what it finds wrong is the fault of a field."""
    try:
        return read()
    except Invalid as error:
        raise invalid({name: [str(error)]}) from error


def _object(data: object) -> Mapping:
    if not isinstance(data, Mapping):
        raise Refused(400, {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(data).__name__}."]})
    return data


def _read(model: Model, data: Mapping, reader: Reader) -> tuple[dict[str, object], dict[str, list[str]]]:
    values, errors = {}, {}
    for field in model.fields_of(reader.version):
        # What nobody knows, and what nobody can set, is ignored.
        if field.name in data and field.writable and field.stored:
            try:
                values[field.name] = field.parse(data[field.name], reader)
            except Invalid as error:
                errors[field.name] = [str(error)]
    return values, errors


def _of_old_rules(model: Model, record: Record) -> Record:
    """Return an event rule whose event types are those of its flags, which there were before 4.1."""
    if model.type == "extras.eventrule" and any(record[flag] for flag in FLAGS):
        record["event_types"] = tuple(event for flag, event in FLAGS.items() if record[flag])
    return record
