# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The custom fields of objects, which are themselves objects of NetBox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import Invalid
from .fields import Field
from .reader import Reader, Record
from .versions import is_before

_KINDS = {"integer": int, "boolean": bool, "decimal": (int, float), "multiselect": list, "json": object, "object": int, "multiobject": list}


@dataclass(frozen=True)
class CustomFields(Field):
    """The values of an object's custom fields: every field of the type is there, unset ones with null."""

    nullable: bool = False
    of: str = ""

    def parse(self, value, reader):
        if not isinstance(value, Mapping):
            raise Invalid(f'Expected a dictionary of items but got type "{type(value).__name__}".')
        known = {found["name"]: found for found in defined(reader, self.of)}
        for name, given in value.items():
            if name not in known:
                raise Invalid(f"Unknown field name '{name}' in custom field data.")
            wanted = _KINDS.get(known[name]["type"], str)
            if given is not None and (not isinstance(given, wanted) or (wanted is int and isinstance(given, bool))):
                raise Invalid(f"Invalid value for custom field '{name}': Value must be of type {known[name]['type']}.")
        return dict(value)

    def show(self, record, view):
        shown = self.flat(record, view.reader)
        if not is_before(view.reader.version, "4.7"):
            # Since 4.7 a selection is shown as other choices are; it is written, and kept, as the value alone.
            selections = [found["name"] for found in defined(view.reader, self.of) if found["type"] == "select"]
            shown |= {name: {"value": shown[name], "label": shown[name]} for name in selections if shown[name] is not None}
        return shown

    def flat(self, record, reader):
        return {found["name"]: record[self.name].get(found["name"]) for found in defined(reader, self.of)}


def defined(reader: Reader, object_type: str) -> list[Record]:
    """Return the custom fields of a type, sorted as NetBox shows them."""
    return sorted((found for found in reader.all("extras.customfield") if object_type in found["object_types"]), key=lambda found: found["name"])


def with_defaults(reader: Reader, object_type: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return the custom fields of a new object; raises Invalid when a required one is missing."""
    filled = {}
    for found in defined(reader, object_type):
        filled[found["name"]] = values.get(found["name"], found["default"])
        if found["required"] and filled[found["name"]] in (None, ""):
            raise Invalid(f"Missing required custom field '{found['name']}'.")
    return filled
