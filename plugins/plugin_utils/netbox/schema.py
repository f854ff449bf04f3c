# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the arguments of `eventops.infra.netbox` look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.web.secrets import SECRET_SCHEMA, SECRETS_SCHEMA

from .object_types import DEVICE, VIRTUAL_MACHINE
from .objects import CONFIG_CONTEXT, CUSTOM_FIELDS, INCLUDABLE, TAGS
from .reach import DEFAULT_PATHS, PORT

NOW, ALL = "now", "all"  # where the first start begins, when it is at no time

_FILE = {"type": "string", "minLength": 1}
_OBJECT_TYPE = r"^[a-z0-9_]{1,100}\.[a-z0-9_]{1,100}$"
_FIELD = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+){0,9}$",
    "expected": "a field of the object, such as primary_ip or custom_fields.login_user",
}
_VALUE = {"type": ["string", "number", "boolean"], "expected": "a text, a number or a boolean"}
_FILTERS = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z0-9_]{1,100}$", "expected": "a query parameter of NetBox, such as site or cf_managed"},
    "additionalProperties": {
        "anyOf": [_VALUE, {"type": "array", "minItems": 1, "items": _VALUE}],
        "expected": "a value, or a list of values of which any fits",
    },
}
_ADDRESS = r"^https?://[^\s/@?#]+(/[^\s?#]*)?$"
_NAME = {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,100}$", "expected": "a name of 1 to 100 characters"}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "token"],
    "properties": {
        "url": {
            "type": "string",
            "pattern": _ADDRESS,
            "expected": "the address of NetBox, such as https://netbox.example.com, without a user or a password",
        },
        "token": SECRET_SCHEMA,
        "timeout": {"type": "number", "minimum": 1, "maximum": 600, "default": 30},
        "verify": {"type": "boolean", "default": True},
        "cafile": _FILE,
        "certfile": _FILE,
        "keyfile": _FILE,
        "webhook": {
            "type": "object",
            "default": None,
            "additionalProperties": False,
            "required": ["secrets"],
            "properties": {
                "listen": {"type": "string", "default": "127.0.0.1:5001"},
                "path": {"type": "string", "default": "/netbox"},
                "secrets": SECRETS_SCHEMA,
                "certfile": _FILE,
                "keyfile": _FILE,
                "cafile": _FILE,
                "senders": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            },
        },
        "catch_up": {
            "anyOf": [
                {"const": False},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "interval": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 30},
                        "overlap": {"type": "number", "minimum": 1, "maximum": 86_400, "default": 60},
                        "from": {"type": "string", "minLength": 1, "default": NOW},
                    },
                },
            ],
            "expected": "a mapping with interval, overlap and from, or false",
            "default": {},
        },
        "models": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "anyOf": [
                    {"type": "string", "pattern": _OBJECT_TYPE, "expected": "a type such as virtualization.virtualmachine"},
                    {
                        "type": "object",
                        "minProperties": 1,
                        "maxProperties": 1,
                        "propertyNames": {"pattern": _OBJECT_TYPE},
                        "additionalProperties": {"type": "string", "pattern": "^[a-z0-9_-]+(/[a-z0-9_-]+)+$"},
                    },
                ],
                "expected": "a type such as virtualization.virtualmachine, or for a plugin's a mapping of the type to its path, such as plugins/bgp/session",
            },
            "default": [VIRTUAL_MACHINE, DEVICE],
        },
        "filters": {
            "type": "object",
            "additionalProperties": False,
            "patternProperties": {_OBJECT_TYPE: _FILTERS, "^[a-z0-9_]{1,100}$": _FILTERS["additionalProperties"]},
            "default": {},
        },
        "ready": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "within": {"type": "number", "minimum": 1, "default": 3600},
                "fields": {
                    "type": "object",
                    "propertyNames": {"pattern": _OBJECT_TYPE, "expected": "a type such as virtualization.virtualmachine"},
                    "additionalProperties": {"type": "array", "items": _FIELD, "uniqueItems": True},
                    "default": {},
                },
            },
        },
        "include": {"type": "array", "uniqueItems": True, "items": {"enum": list(INCLUDABLE)}, "default": [CONFIG_CONTEXT, CUSTOM_FIELDS, TAGS]},
        "connection": {
            "type": "object",
            "additionalProperties": False,
            "properties": {PORT: _FIELD, **{name: {**_FIELD, "default": path} for name, path in DEFAULT_PATHS.items()}},
        },
        "feedback": {
            "anyOf": [
                {"const": False},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "journal": {"type": "boolean", "default": True},
                        "console": {"type": "string", "pattern": _ADDRESS, "expected": "the address that people reach the console at"},
                        "custom_field": {"type": "string", "pattern": "^[a-z0-9_]{1,50}$", "expected": "the name of a custom field"},
                        "tags": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {"resolved": _NAME, "exhausted": _NAME, "suppressed": _NAME},
                        },
                    },
                },
            ],
            "expected": "a mapping with journal, console, custom_field and tags, or false",
            "default": {},
        },
        "inventory": _FILE,
        "state": _FILE,
    },
    "dependentRequired": {"keyfile": ["certfile"]},
}
