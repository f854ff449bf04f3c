# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kinds of values that fields have."""

from __future__ import annotations

import decimal
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from . import content_types, times
from .errors import Invalid
from .fields import Field


@dataclass(frozen=True)
class Text(Field):
    """A text; it is never null unless that is said."""

    default: object = ""
    nullable: bool = False
    max_length: int | None = None

    def read(self, value, reader):
        if isinstance(value, (dict, list, bool)):
            raise Invalid("Not a valid string.")
        text = str(value).strip() if self.name in ("name", "slug") else str(value)
        if self.required and not text:
            raise Invalid("This field may not be blank.")
        if "\0" in text:
            raise Invalid("Null characters are not allowed.")
        if self.max_length is not None and len(text) > self.max_length:
            raise Invalid(f"Ensure this field has no more than {self.max_length} characters.")
        return text


@dataclass(frozen=True)
class Slug(Text):
    """The name of an object in a URL."""

    required: bool = True
    max_length: int | None = 100

    def read(self, value, reader):
        text = super().read(value, reader)
        if not text.replace("-", "").replace("_", "").isalnum() or not text.isascii():
            raise Invalid('Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.')
        return text


@dataclass(frozen=True)
class Whole(Field):
    """A whole number."""

    minimum: int = 0
    maximum: int = 2**31 - 1

    def read(self, value, reader):
        try:
            number = int(str(value))
        except ValueError as error:
            raise Invalid("A valid integer is required.") from error
        if number < self.minimum:
            raise Invalid(f"Ensure this value is greater than or equal to {self.minimum}.")
        if number > self.maximum:
            raise Invalid(f"Ensure this value is less than or equal to {self.maximum}.")
        return number


@dataclass(frozen=True)
class Decimal(Field):
    """A number with a fixed number of places: a float in the API, a text in the change log."""

    places: int = 2

    def read(self, value, reader):
        try:
            return f"{decimal.Decimal(str(value)):.{self.places}f}"
        except decimal.InvalidOperation as error:
            raise Invalid("A valid number is required.") from error

    def show(self, record, view):
        return None if record[self.name] is None else float(record[self.name])


@dataclass(frozen=True)
class Flag(Field):
    """A boolean."""

    default: object = False
    nullable: bool = False

    def read(self, value, reader):
        if value in (True, "true", "True", 1, "1"):
            return True
        if value in (False, "false", "False", 0, "0"):
            return False
        raise Invalid("Must be a valid boolean.")


@dataclass(frozen=True)
class Choice(Field):
    """One of a list of values; `plain` ones are shown as the value alone."""

    nullable: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False

    def parse(self, value, reader):
        if isinstance(value, dict) and "value" in value:
            raise Invalid("Value must be passed directly (e.g. \"foo\": 123); do not use a dictionary or list.")
        if value in (None, "") and self.default is None:
            return None
        if not isinstance(value, str) or value not in self.choices:
            raise Invalid(f"{value} is not a valid choice." if not self.plain else f'"{value}" is not a valid choice.')
        return value

    def show(self, record, view):
        value = record[self.name]
        return value if self.plain or value is None else {"value": value, "label": self.choices[value]}


@dataclass(frozen=True)
class Time(Field):
    """A point in time."""

    def read(self, value, reader):
        return times.parsed(value)

    def show(self, record, view):
        return times.of_api(record[self.name])

    def flat(self, record, reader):
        value = record[self.name]
        return times.of_snapshot(value) if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Strings(Field):
    """A list of texts."""

    default: object = ()
    nullable: bool = False

    def read(self, value, reader):
        if not isinstance(value, list):
            raise Invalid(f'Expected a list of items but got type "{type(value).__name__}".')
        return tuple(str(item) for item in value)

    def show(self, record, view):
        return list(record[self.name])

    def flat(self, record, reader):
        return list(record[self.name])


@dataclass(frozen=True)
class ObjectTypes(Strings):
    """A list of object types; the change log has their numbers."""

    def read(self, value, reader):
        names = super().read(value, reader)
        for name in names:
            if name not in content_types.NUMBERS:
                raise Invalid(f"Invalid content type: {name}")
        return names

    def flat(self, record, reader):
        return [content_types.NUMBERS[name] for name in record[self.name]]


@dataclass(frozen=True)
class ObjectType(Field):
    """An object type; the change log has its number."""

    def read(self, value, reader):
        if value not in content_types.NUMBERS:
            raise Invalid(f"Invalid content type: {value}")
        return value

    def flat(self, record, reader):
        return content_types.NUMBERS.get(record[self.name])


@dataclass(frozen=True)
class Address(Text):
    """An IP address with its mask; without one it is a host's."""

    required: bool = True

    def read(self, value, reader):
        try:
            return str(ipaddress.ip_interface(str(value)))
        except ValueError as error:
            raise Invalid(f"Invalid IP address format: {value}") from error
