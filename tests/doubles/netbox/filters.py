# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NetBox's query parameters. What NetBox does not know it ignores; what only the double does not know is an error, so that no test is deceived."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from . import addresses, config_contexts, times
from .custom_fields import CustomFields, defined
from .errors import Invalid, invalid
from .fields import Field
from .kinds import Choice, Decimal, Flag, ObjectType, ObjectTypes, Text, Time, Whole
from .model import Model
from .reader import Reader, Record
from .relations import Many, Ref, Tags

Values = Sequence[str]  # of one parameter, in the order in which they came
Matches = Callable[[Record], bool]
PAGING = ("limit", "offset", "start", "ordering", "fields", "omit", "exclude", "brief", "format")
# Named by their ids and, without the _id, by their slugs; what is below a region, group, role or platform is in it.
_SCOPES = {
    "region": "regions", "site_group": "site_groups", "cluster_type": "cluster_types", "cluster_group": "cluster_groups", "tenant_group": "tenant_groups",
    "role": "roles", "platform": "platforms", "location": "locations",
}  # fmt: skip
_NAMED_BY_NAME = ("virtualization.cluster", "virtualization.virtualmachine", "dcim.device", "users.user", "users.group")


class Unknown(Exception):
    """A parameter that NetBox does not know."""


def matching(model: Model, query: Mapping[str, Values], reader: Reader, known_to_netbox: Callable[[str], bool]) -> list[Record]:
    """Return the objects that a query asks for, in no order."""
    found: Iterable[Record] = reader.all(model.type)
    errors = {}
    if "id" in query:
        numbers = dict.fromkeys(int(value) for value in query["id"] if value.isdigit())
        found = [record for record in (reader.get(model.type, number) for number in numbers) if record is not None]
    for name, values in query.items():
        if name in PAGING:
            continue
        try:
            matches = _filter(model, name, values, reader)
        except Unknown:
            if known_to_netbox(name):
                raise NotImplementedError(f"the double does not know NetBox's filter {name} of {model.type}: add it to filters.py") from None
            continue
        except Invalid as error:
            errors[name] = [str(error)]
            continue
        found = [record for record in found if matches(record)]
    if errors:
        raise invalid(errors)
    return list(found)


def names(model: Model, version: str) -> list[str]:
    """Return the filters that the double knows, for a schema of what was not recorded."""
    found = ["id", "id__gt", "id__gte", "id__lt", "id__lte", "id__n", "q", *model.filters]
    for field in model.fields_of(version):
        if isinstance(field, Tags):
            found += ["tag", "tag_id"]
        elif isinstance(field, Ref):
            found += [field.name, f"{field.name}_id"]
        elif isinstance(field, Many):
            found += [field.name.removesuffix("s"), f"{field.name.removesuffix('s')}_id"]
        elif field.stored and not field.hidden:
            found.append(field.name)
    return [*found, *PAGING]


def _filter(model: Model, name: str, values: Values, reader: Reader) -> Matches:
    if name in model.filters:
        return lambda record: model.filters[name](record, values, reader)
    special = _special(model, name, values, reader)
    if special is not None:
        return special
    base, separator, how = name.partition("__")
    if base == "id":
        return _compared(Whole("id"), how, values, reader)
    fields = {field.name: field for field in model.fields_of(reader.version) if field.stored and not field.hidden}
    if base in ("created_after", "created_before") and model.type == "extras.journalentry":
        return _compared(fields["created"], "gte" if base == "created_after" else "lte", values, reader)
    by_id = base.removesuffix("_id") if base.endswith("_id") and base not in fields else base
    field = fields.get(by_id)
    if isinstance(field, Ref):
        return _negated(how, _refers(field, base, by_id, values, reader))
    if field is None or isinstance(field, (Many, CustomFields)) or (separator and not how):
        raise Unknown
    return _compared(field, how, values, reader)


def _special(model: Model, name: str, values: Values, reader: Reader) -> Matches | None:
    """Return the filters that are not simply a field's."""
    if name == "q":
        return lambda record: any(values[-1].lower() in str(record.get(part) or "").lower() for part in ("name", "address", "dns_name", "comments", "username"))
    if name.startswith("cf_"):
        field = name[3:]
        if not any(found["name"] == field for found in defined(reader, model.type)):
            raise Unknown
        return lambda record: str((record["custom_fields"] or {}).get(field)) in values
    if name in ("tag", "tag_id") and any(isinstance(field, Tags) for field in model.fields):
        wanted = [_existing("extras.tag", value, name.endswith("_id"), reader) for value in values]
        # Several tags: only what has all of them.
        return lambda record: all(number in record["tags"] for number in wanted)
    scope = name.removesuffix("_id")
    if scope in _SCOPES and model.type in ("virtualization.virtualmachine", "dcim.device"):
        kind = config_contexts.SCOPES[_SCOPES[scope]]
        wanted = [None if value == "null" else _existing(kind, value, name.endswith("_id"), reader) for value in values]
        return lambda record: any(number in wanted for number in config_contexts.belongs_to(record, reader)[_SCOPES[scope]] or [None])
    if model.type == "ipam.ipaddress":
        return _of_addresses(name, values, reader)
    if model.type == "virtualization.vminterface" and name in ("cluster", "cluster_id"):
        wanted = [_existing("virtualization.cluster", value, name.endswith("_id"), reader) for value in values]
        return lambda record: reader.get("virtualization.virtualmachine", record["virtual_machine"])["cluster"] in wanted
    if model.type == "virtualization.cluster" and name in ("site", "site_id"):
        wanted = [_existing("dcim.site", value, name.endswith("_id"), reader) for value in values]
        return lambda record: (record["scope_id"] if record["scope_type"] == "dcim.site" else record["site"]) in wanted
    if isinstance(next((field for field in model.fields if field.name == f"{name}s"), None), ObjectTypes):
        return lambda record: any(value in record[f"{name}s"] for value in values)
    return None


def _of_addresses(name: str, values: Values, reader: Reader) -> Matches | None:
    hosts = {"virtual_machine": "virtualization.virtualmachine", "device": "dcim.device"}
    interfaces = {"vminterface": "virtualization.vminterface", "interface": "dcim.interface"}
    base = name.removesuffix("_id")
    if base in hosts:

        def of_host(record: Record) -> bool:
            host = addresses.host_of(record, reader)
            if host is None or host[0] != hosts[base]:
                return False
            return str(host[1] if name.endswith("_id") else reader.get(*host)["name"]) in values

        return of_host
    if base in interfaces:
        if name.endswith("_id"):
            return lambda record: record["assigned_object_type"] == interfaces[base] and str(record["assigned_object_id"]) in values
        kind = interfaces[base]
        return lambda record: record["assigned_object_type"] == kind and reader.get(kind, record["assigned_object_id"])["name"] in values
    if name == "address":
        return lambda record: record["address"] in values or record["address"].split("/")[0] in values
    if name == "family":
        return lambda record: str(ipaddress.ip_interface(record["address"]).version) in values
    if name == "assigned_to_interface":
        return lambda record: (record["assigned_object_type"] is not None) == (values[-1] == "true")
    return None


def _refers(field: Ref, given: str, name: str, values: Values, reader: Reader) -> Matches:
    wanted = [None if value == "null" else _existing(field.target, value, given != name or field.bare, reader) for value in values]
    return lambda record: record[name] in wanted


def _existing(kind: str, value: str, is_id: bool, reader: Reader) -> int:
    key = "id" if is_id else "username" if kind == "users.user" else "name" if kind in _NAMED_BY_NAME else "slug"
    for record in [reader.get(kind, int(value))] if is_id and value.isdigit() else reader.all(kind):
        if record is not None and str(record.get(key)) == value:
            return record["id"]
    raise Invalid(f"Select a valid choice. {'That choice' if is_id else value} is not one of the available choices.")


def _negated(how: str, matches: Matches) -> Matches:
    if how not in ("", "n"):
        raise Unknown
    return (lambda record: not matches(record)) if how == "n" else matches


def _compared(field: Field, how: str, values: Values, reader: Reader) -> Matches:
    """Return the comparison with a field's value: equal to one of several, or what the suffix says."""
    name = field.name
    if isinstance(field, (Choice, Flag, ObjectType)):
        if isinstance(field, Choice):
            wrong = [value for value in values if value not in field.choices]
            if wrong:
                raise Invalid(f"Select a valid choice. {wrong[0]} is not one of the available choices.")
        return _negated(how, lambda record: str(record[name]).lower() in [value.lower() for value in values])
    if isinstance(field, (Whole, Decimal, Time)):
        return _ordered(name, how, [_number(field, value) for value in values], isinstance(field, Decimal))
    if not isinstance(field, Text):
        raise Unknown
    lower = [value.lower() for value in values]
    tests = {
        "": lambda text: text in values, "n": lambda text: text not in values, "ie": lambda text: text.lower() in lower,
        "nie": lambda text: text.lower() not in lower, "ic": lambda text: any(value in text.lower() for value in lower),
        "nic": lambda text: not any(value in text.lower() for value in lower), "isw": lambda text: text.lower().startswith(tuple(lower)),
        "iew": lambda text: text.lower().endswith(tuple(lower)),
        "regex": lambda text: any(re.search(value, text) for value in values), "empty": lambda text: (not text) == (lower[-1] == "true"),
    }  # fmt: skip
    if how not in tests:
        raise Unknown
    return lambda record: tests[how](str(record[name] or ""))


def _number(field: Field, value: str):
    if isinstance(field, Time):
        return times.parsed(value)
    try:
        return float(value) if isinstance(field, Decimal) else int(value)
    except ValueError as error:
        raise Invalid("Enter a whole number." if isinstance(field, Whole) else "Enter a number.") from error


def _ordered(name: str, how: str, wanted: list, is_text: bool) -> Matches:
    tests = {
        "": lambda value: value in wanted, "n": lambda value: value not in wanted, "gt": lambda value: value > wanted[-1],
        "gte": lambda value: value >= wanted[-1],
        "lt": lambda value: value < wanted[-1], "lte": lambda value: value <= wanted[-1],
    }  # fmt: skip
    if how not in tests:
        raise Unknown
    return lambda record: record[name] is not None and tests[how](float(record[name]) if is_text else record[name])
