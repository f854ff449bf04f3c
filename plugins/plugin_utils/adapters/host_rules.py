# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the host of an event is: rules that the rulebook gives, of which the first that leads to a host of the inventory is taken."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.ec2_instance import instance_in
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.instance_of_host import why_another
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.instance_place import names_an_instance, no_hosts_name
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.names import Answer, Lost, Origin, Question
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.path import PATH_SCHEMA, found_at
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH, MAX_HOSTS, InvalidEvent
from ansible_collections.eventops.infra.plugins.plugin_utils.hosts import Snapshot, is_host_name

NO_HOST = "none"
_DEFAULT_LABEL = "instance"
_MOST_SAID = 5
_UNKNOWN = Origin()
# Each of them may be a request of its own, and a sender may name as many as they like. Services and groups that alarm together are fewer.
MOST_LOOKED_UP = 50

_LABEL = {"type": "string", "minLength": 1, "expected": "the name of a label, such as instance"}
_WHERE = {
    "label": _LABEL,
    "path": PATH_SCHEMA,
    "strip_port": {"type": "boolean"},
    "from_url": {"type": "boolean"},
    "only": {"enum": ["instance"], "expected": "instance: an instance of EC2 by its id or its ARN"},
}
_HOSTVAR = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "expected": "the name of a host variable"}
_ONE_PLACE = [{"required": ["label"]}, {"required": ["path"]}]
_FOUND = {"type": "object", "properties": _WHERE, "oneOf": _ONE_PLACE, "additionalProperties": False}
_BY_VARIABLE = {
    "type": "object",
    "properties": {**_WHERE, "hostvar": _HOSTVAR},
    "required": ["hostvar"],
    "not": {"required": ["label", "path"]},
    "additionalProperties": False,
}
_LOOKED_UP = {
    "type": "object",
    "properties": {
        **_WHERE,
        "hostvar": _HOSTVAR,
        "by": {
            "type": "string",
            "pattern": r"^(tag:.{1,128}|private_dns_name|private_ip_address|instance_id)$",
            "expected": "tag:KEY, private_dns_name, private_ip_address or instance_id",
        },
        "instances": {"type": "boolean"},
    },
    "required": ["by"],
    "oneOf": _ONE_PLACE,
    "additionalProperties": False,
}

HOSTS_SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {"anyOf": [{"const": NO_HOST}, _FOUND, _BY_VARIABLE, _LOOKED_UP]},
    "expected": "a list of rules such as {label: instance, strip_port: true}, {path: detail.instance-id}, {hostvar: instance_id, label: InstanceId} or none",
}


class NoHost(InvalidEvent):
    """Nobody knows which host an event is about: none of the rules found one."""


class NamesNoHost(NoHost):
    """Nothing is where an event is to name its host: waiting, for the inventory or for a directory, changes nothing about that."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The names that an event is about, and why some of them are those of no host: of what a directory knows no host's name for."""

    hosts: tuple[str, ...] = ()
    unresolved: str | None = None


def hosts_by(
    rules: Sequence[str | Mapping[str, Any]], *, labels: Mapping[str, Any], content: Mapping[str, Any], context: AdapterContext
) -> tuple[str, ...]:
    """Return the names that `seek_hosts` finds. Raises NoHost."""
    return seek_hosts(rules, labels=labels, content=content, context=context).hosts


def seek_hosts(
    rules: Sequence[str | Mapping[str, Any]],
    *,
    labels: Mapping[str, Any],
    content: Mapping[str, Any],
    context: AdapterContext,
    origin: Origin = _UNKNOWN,
) -> Sought:
    """Find the names that an event is about, by the first rule that leads to a host of the inventory.

    `{label: NAME}` takes a label, `{path: a.b}` what is at a dotted path of the content; with `strip_port` without the port, with `from_url` the
    host of the URL that it is, with `only: instance` nothing but instances of EC2. With `hostvar` it is the host whose variable of this name has that
    value (of the label `instance`, where the rule names none). With `by` a directory is asked how it is called what was found. `none` ends the list: the
    event is about no host then. Where no rule leads to a host that is known, the first name that was found is taken, so that a person hears of a host that
    the inventory lacks; what the directory has no name for stands there as it was found, so that nothing is run anywhere for it.

    Where AWS names an instance, the event is about that: the rules that look elsewhere, and `none`, are not heard any more when its host is not known.

    :param labels: names and values as the sender gave them; a value may be a list.
    :param content: what `path` looks into.
    :param context: with the inventory, and the directory.
    :param origin: where the event comes from, for the directory.
    :raises NoHost: when nothing was found, and `none` is not among the rules. What is meant for a host must not run on the controller. NamesNoHost, when
        the rules had nothing to look up either.
    """
    first, unknown, names_something = Sought(), Sought(), False
    instance_at: tuple[str, str] | None = None
    for rule in rules:
        if rule == NO_HOST:
            return first if first.hosts else unknown
        place = _place(rule)
        if instance_at not in (None, place):
            continue
        texts = tuple(_texts(found_at(content, place[1]) if place[0] == "path" else labels.get(place[1])))
        values = tuple(dict.fromkeys(filter(None, (_host_part(text, rule) for text in texts))))
        names_something = names_something or bool(values)
        sought = _sought(rule, values, labels, context, origin)
        if any(context.inventory.resolve(name) is not None for name in sought.hosts):
            return sought
        first = first if first.hosts else sought
        if names_an_instance(rule, _key(place), texts):
            instance_at, unknown = place, _unknown(_key(place), texts)
    if not first.hosts and not unknown.hosts:
        kind = NoHost if names_something else NamesNoHost
        raise kind(f"hosts: none of {', '.join(map(_described, rules))} leads to a host; name where it is, or end the list with {NO_HOST}")
    return first if first.hosts else unknown


def _place(rule: Mapping[str, Any]) -> tuple[str, str]:
    return ("path", rule["path"]) if "path" in rule else ("label", rule.get("label", _DEFAULT_LABEL))


def _key(place: tuple[str, str]) -> str:
    kind, name = place
    return name.rpartition(".")[2] if kind == "path" else name


def _unknown(key: str, texts: Sequence[str]) -> Sought:
    hosts = tuple(dict.fromkeys(no_hosts_name(key, text) for text in texts[:MAX_HOSTS]))
    return Sought(hosts, "; ".join(f"{ascii(host)[1:-1]}: is no instance whose host is known" for host in hosts[:_MOST_SAID]))


def _sought(rule: Mapping[str, Any], values: tuple[str, ...], labels: Mapping[str, Any], context: AdapterContext, origin: Origin) -> Sought:
    if len(values) > MAX_HOSTS:
        # Before a directory is asked about each of them: such an event is refused in any case.
        raise InvalidEvent(f"hosts: {_described(rule)} leads to {len(values)} names, and at most {MAX_HOSTS} are taken")
    if "by" in rule:
        of = _key(_place(rule))
        answers = [context.names(Question(rule["by"], value, of, labels, rule.get("instances", False), origin)) for value in values[:MOST_LOOKED_UP]]
        if left := values[MOST_LOOKED_UP:]:
            why = f"is not looked up, as at most {MOST_LOOKED_UP} of one event are, and not {len(values)}"
            answers.insert(0, Answer(lost=tuple(Lost(value, why) for value in left)))
        return _looked_up(answers, of, rule.get("hostvar"), context.inventory)
    if "hostvar" not in rule:
        return Sought(values)
    hosts = (context.inventory.host_with(rule["hostvar"], value) for value in values)
    return Sought(tuple(dict.fromkeys(host for host in hosts if host is not None)))


def _looked_up(answers: Sequence[Answer], of: str, hostvar: str | None, inventory: Snapshot) -> Sought:
    """Take what a directory answered: as hosts of the inventory where they are some, and what is lost as it was found."""
    hosts: dict[str, None] = {}
    lost = []
    for name, value in (pair for answer in answers for pair in answer.names):
        try:
            hosts[_host_called(name, value, hostvar, inventory)] = None
        except _NotThat as why:
            lost.append(Lost(value, str(why)))
    lost += [each for answer in answers for each in answer.lost]
    hosts.update(dict.fromkeys(no_hosts_name(of, each.value) for each in lost))
    return Sought(tuple(hosts), _said_of(lost))


class _NotThat(Exception):
    """What was looked up leads to no host, or not to that one; the text says why."""


def _host_called(name: str, value: str, hostvar: str | None, inventory: Snapshot) -> str:
    """Return the host that is called so; one that the inventory lacks, too, as a person is to hear that. Raises _NotThat."""
    host = inventory.resolve(name) if hostvar is None else inventory.host_with(hostvar, name)
    shown = ascii(name[:MAX_HOST_LENGTH])
    if host is None and hostvar is not None:
        raise _NotThat(f"no host, or not only one, has {shown} as its variable {hostvar}")
    if host is None and not is_host_name(name):
        raise _NotThat(f"is called {shown}, which is no host's name")
    if host is not None and (why := instance_in(value) and why_another(host, inventory.hostvars[host], value)):
        raise _NotThat(f"is called {shown}, but {why}")
    return host or name


def _said_of(lost: Sequence[Lost]) -> str | None:
    """Say why something is lost, each reason before one comes again; what a sender wrote cannot look as if it were of us."""
    first = {each.why: each for each in reversed(lost)}
    in_order = sorted(lost, key=lambda each: first[each.why] is not each)
    said = [f"{ascii(each.value[:MAX_HOST_LENGTH])[1:-1]}: {each.why}" for each in in_order[:_MOST_SAID]]
    more = [f"and {len(lost) - len(said)} more"] if len(lost) > len(said) else []
    return "; ".join(said + more) or None


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
    text = without_port(text) if rule.get("strip_port") else text
    return text if "only" not in rule else instance_in(text) or ""


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
    if "by" in rule:
        return f"{rule['by']} of {where}"
    return f"the variable {rule['hostvar']} by {where}" if "hostvar" in rule else where
