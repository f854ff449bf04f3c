# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the host of an event is: rules that the rulebook gives, of which the first that leads to a host of the inventory is taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import PATH_SCHEMA, found_at
from ansible_collections.eventops.infra.plugins.plugin_utils.event import InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot

NO_HOST = "none"
_DEFAULT_LABEL = "instance"

_LABEL = {"type": "string", "minLength": 1, "expected": "the name of a label, such as instance"}
_WHERE = {"label": _LABEL, "path": PATH_SCHEMA, "strip_port": {"type": "boolean"}, "from_url": {"type": "boolean"}}
_FOUND = {
    "type": "object",
    "properties": _WHERE,
    "oneOf": [{"required": ["label"]}, {"required": ["path"]}],
    "additionalProperties": False,
}
_BY_VARIABLE = {
    "type": "object",
    "properties": {
        **_WHERE,
        "hostvar": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "expected": "the name of a host variable"},
    },
    "required": ["hostvar"],
    "not": {"required": ["label", "path"]},
    "additionalProperties": False,
}

HOSTS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {"anyOf": [{"const": NO_HOST}, _FOUND, _BY_VARIABLE]},
    "expected": "a list of rules such as {label: instance, strip_port: true}, {path: detail.instance-id}, {hostvar: instance_id, label: InstanceId} or none",
}


class NoHost(InvalidEvent):
    """Nobody knows which host an event is about: none of the rules found one."""


def hosts_by(
    rules: Sequence[str | Mapping[str, Any]],
    *,
    labels: Mapping[str, Any],
    content: Mapping[str, Any],
    inventory: Snapshot,
) -> tuple[str, ...]:
    """Return the names that an event is about, by the first rule that leads to a host of the inventory.

    `{label: NAME}` takes a label, `{path: a.b}` what is at a dotted path of the content; with `strip_port` without the port, with `from_url` the
    host of the URL that it is. With `hostvar` it is the host whose variable of this name has that value (of the label `instance`, where the rule
    names none). `none` ends the list: the event is about no host then. Where no rule leads to a host that is known, the first name that was
    found is taken, so that a person hears of a host that the inventory lacks.

    :param labels: names and values as the sender gave them; a value may be a list.
    :param content: what `path` looks into.
    :raises NoHost: when nothing was found, and `none` is not among the rules. What is meant for a host must not run on the controller.
    """
    first: tuple[str, ...] = ()
    for rule in rules:
        if rule == NO_HOST:
            return first
        names = _names(rule, labels, content, inventory)
        if any(inventory.resolve(name) is not None for name in names):
            return names
        first = first or names
    if not first:
        raise NoHost(f"hosts: none of {', '.join(map(_described, rules))} leads to a host; name where it is, or end the list with {NO_HOST}")
    return first


def _names(rule: Mapping[str, Any], labels: Mapping[str, Any], content: Mapping[str, Any], inventory: Snapshot) -> tuple[str, ...]:
    found = found_at(content, rule["path"]) if "path" in rule else labels.get(rule.get("label", _DEFAULT_LABEL))
    values = tuple(dict.fromkeys(_host_part(text, rule) for text in _texts(found)))
    if "hostvar" not in rule:
        return tuple(filter(None, values))
    hosts = (inventory.host_with(rule["hostvar"], value) for value in values)
    return tuple(dict.fromkeys(host for host in hosts if host is not None))


def _texts(found: Any) -> Iterator[str]:
    for each in found if isinstance(found, (list, tuple)) else (found,):
        if isinstance(each, str) and each:
            yield each
        elif isinstance(each, int) and not isinstance(each, bool) and each.bit_length() <= 64:
            yield str(each)


def _host_part(text: str, rule: Mapping[str, Any]) -> str:
    if rule.get("from_url"):
        try:
            return urlsplit(text).hostname or ""
        except ValueError:
            return ""
    return without_port(text) if rule.get("strip_port") else text


def without_port(text: str) -> str:
    """Take the port off `host:port`, `192.0.2.1:9100` or `[2001:db8::1]:9100`; an address of IPv6 without brackets has none."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        host, colon, port = text.rpartition(":")
        return host if colon and port.isascii() and port.isdigit() else text
    return text


def _described(rule: str | Mapping[str, Any]) -> str:
    where = f"the path {rule['path']}" if "path" in rule else f"the label {rule.get('label', _DEFAULT_LABEL)}"
    return f"the variable {rule['hostvar']} by {where}" if "hostvar" in rule else where
