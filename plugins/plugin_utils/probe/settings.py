# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The probe's arguments: their schema, and what becomes of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import SEVERITIES
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.certificates import trust
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.target import (
    HOST_ITSELF,
    CommandCheck,
    HttpCheck,
    Target,
    TcpCheck,
)
from yarl import URL

_SECONDS = {"type": "number", "minimum": 0.1, "expected": "a number of seconds, at least 0.1"}
_IN_A_ROW = {"type": "integer", "minimum": 1}
_SEVERITY = {"enum": list(SEVERITIES)}
_TEXT = {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,100}$", "expected": "a text of 1 to 100 characters, without control characters"}
HOST = {"type": "string", "pattern": "^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$", "expected": "the name of a host in the inventory"}

_HTTP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url"],
    "properties": {
        "url": {"type": "string", "pattern": "^(?i:https?)://[^/]", "expected": "an http:// or https:// URL"},
        "method": {"enum": ["GET", "HEAD"], "default": "GET"},
        "status": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 100, "maximum": 599}},
        "contains": {"type": "string", "minLength": 1},
        "headers": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[^\\r\\n\\x00]*$", "expected": "a text of one line"}},
        "verify": {"type": "boolean", "default": True},
        "cafile": {"type": "string", "minLength": 1},
        "follow_redirects": {"type": "boolean", "default": False},
    },
}
_TCP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["port"],
    "properties": {"address": {"type": "string", "minLength": 1}, "port": {"type": "integer", "minimum": 1, "maximum": 65535}},
}
_COMMAND = {
    "type": "array",
    "minItems": 1,
    "items": {"type": ["string", "number"], "expected": "a text or a number"},
    "expected": "a list of the program and its arguments, for no shell reads it",
}
_KIND = [{"required": ["http"]}, {"required": ["tcp"]}, {"required": ["command"]}]
_HOW = {
    "http": _HTTP,
    "tcp": _TCP,
    "command": _COMMAND,
    "interval": _SECONDS,
    "timeout": _SECONDS,
    "rise": _IN_A_ROW,
    "fall": _IN_A_ROW,
    "severity": _SEVERITY,
    "alert": _TEXT,
    "description": {"type": "string"},
}
# One entry of the host variable that `inventory_checks` names. Its other keys belong to whoever heals the service.
INVENTORY_ENTRY = {
    "type": "object",
    "properties": {"name": _TEXT, "check": {"type": "object", "additionalProperties": False, "oneOf": _KIND, "properties": _HOW}},
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["checks"]}, {"required": ["inventory_checks"]}],
    "properties": {
        "checks": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["host"],
                "oneOf": _KIND,
                "properties": {"name": _TEXT, "host": HOST, **_HOW},
            },
        },
        "inventory_checks": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "expected": "the name of a host variable"},
        "inventory": {"type": "string", "minLength": 1},
        "interval": {**_SECONDS, "default": 10},
        "timeout": {**_SECONDS, "default": 5},
        "rise": {**_IN_A_ROW, "default": 2},
        "fall": {**_IN_A_ROW, "default": 3},
        "severity": {**_SEVERITY, "default": "critical"},
        "repeat": {"type": "number", "minimum": 1, "default": 300},
        "max_concurrent": {"type": "integer", "minimum": 1, "default": 200},
        "resolve_at_start": {"type": "boolean", "default": True},
    },
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a check has that says nothing else; the fields of Target."""

    interval: float
    timeout: float
    rise: int
    fall: int
    severity: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The probe's arguments, taken apart."""

    targets: tuple[Target, ...]
    inventory_checks: str | None
    inventory: str | None
    defaults: Defaults
    repeat_seconds: float
    max_concurrent: int
    resolve_at_start: bool

    @property
    def needs_inventory(self) -> bool:
        return self.inventory_checks is not None or any(
            isinstance(target.check, TcpCheck) and target.check.address is None for target in self.targets
        )


def read_settings(args: Mapping | None) -> Settings:
    """Take the arguments of the source apart.

    :raises ConfigurationError: with every mistake.
    """
    mistakes = Mistakes()
    config = mistakes.read(args, SCHEMA)
    mistakes.raise_if_any()
    defaults = Defaults(**{field: config[field] for field in Defaults.__slots__})
    targets: dict[str, Target] = {}
    for index, entry in enumerate(config.get("checks", ())):
        where = f"checks[{index}]"
        target = target_from(entry, entry["host"], entry.get("name"), defaults, mistakes, where)
        if target.fingerprint in targets:
            mistakes.add(where, f"{target.name} on {target.host} is checked already; give this check another name")
        targets[target.fingerprint] = target
    mistakes.raise_if_any()
    return Settings(
        targets=tuple(targets.values()),
        inventory_checks=config.get("inventory_checks"),
        inventory=config.get("inventory"),
        defaults=defaults,
        repeat_seconds=config["repeat"],
        max_concurrent=config["max_concurrent"],
        resolve_at_start=config["resolve_at_start"],
    )


def target_from(how: Mapping, host: str, name: str | None, defaults: Defaults, mistakes: Mistakes, where: str) -> Target:
    """Make a target of a valid entry; what no schema can tell is noted in `mistakes`."""
    return Target(
        host=host,
        name=HOST_ITSELF if name is None else name,
        check=_check_from(how, mistakes, where),
        alert=how.get("alert") or ("HostDown" if name in (None, HOST_ITSELF) else "ServiceDown"),
        description=how.get("description", ""),
        **{field: how.get(field, getattr(defaults, field)) for field in Defaults.__slots__},
    )


def _check_from(how: Mapping, mistakes: Mistakes, where: str) -> HttpCheck | TcpCheck | CommandCheck:
    if "http" in how:
        return _http_from(how["http"], mistakes, f"{where}.http")
    if "tcp" in how:
        return TcpCheck(**how["tcp"])
    argv = tuple(str(word) for word in how["command"])
    if "\0" in "".join(argv):
        mistakes.add(f"{where}.command", "must have no NUL character in it; remove it")
    elif shutil.which(argv[0]) is None:
        mistakes.add(f"{where}.command[0]", f"must be a program that the probe can run, but {argv[0]!r} is none; give its full path")
    return CommandCheck(argv)


def _http_from(http: Mapping[str, Any], mistakes: Mistakes, where: str) -> HttpCheck:
    try:
        host = URL(http["url"]).host
    except ValueError as error:
        mistakes.add(f"{where}.url", f"must be an http:// or https:// URL, but {error}")
    else:
        if not host:
            mistakes.add(f"{where}.url", "must name a host")
    cafile = http.get("cafile")
    if cafile is not None:
        try:
            trust(cafile)
        except OSError as error:
            mistakes.add(f"{where}.cafile", f"must be a file of certificates, but {cafile!r} cannot be read as one: {error.strerror or error}")
    lists = {"status": tuple(http.get("status", ())), "headers": tuple(http.get("headers", {}).items())}
    return HttpCheck(**{**http, **lists})
