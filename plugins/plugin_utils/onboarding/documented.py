# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox has documented about one host, in the event that a run is for.

A dispatch may be for several hosts, each with a case and an object of its own, and long data is left out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NETBOX = "netbox."
UPDATED, DELETED = "updated", "deleted"


class NotDocumented(Exception):
    """The event says nothing that a host could be onboarded by; the message says what and why."""


@dataclass(frozen=True)
class Documented:
    """A host's object as NetBox has it; `changed`: the fields that an update changed, None where it was none."""

    thing: Mapping[str, Any]
    changed: tuple[str, ...] | None = None


@dataclass(frozen=True)
class LeftOut:
    """The object was too long for the dispatch; the case has it."""

    case: int


def is_of_netbox(event: object) -> bool:
    """Tell whether a run is for a change in NetBox."""
    return isinstance(event, Mapping) and isinstance(event.get("type"), str) and event["type"].startswith(NETBOX)


def documented_about(host: str, event: Mapping[str, Any]) -> Documented | LeftOut:
    """Find what an event of NetBox says about one host.

    :param host: its name in the inventory.
    :param event: the dispatch of a router, or what the source puts without one.
    Raises NotDocumented.
    """
    if event["type"].rpartition(".")[2] == DELETED:
        raise NotDocumented(f"the event is {event['type']}: what NetBox no longer has is not onboarded")
    found = []
    for data, case, is_whole in _said_about(host, event):
        if not is_whole and isinstance(case, int) and case > 0:
            return LeftOut(case)
        found.append(read(event["type"], data))
    if not found:
        raise NotDocumented(f"the event {event['type']} is not about {host}: it names {_names(event)}. Run the playbook for the hosts of the event only")
    return _newest(found)


def read(type_: str, data: object) -> Documented:
    """Read the data of one event. Raises NotDocumented."""
    thing = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(thing, Mapping):
        raise NotDocumented(f"the event {type_} has no data.object: expected what the source eventops.infra.netbox sends, got {described(thing)}")
    changed = data.get("changed")
    is_update = type_.rpartition(".")[2] == UPDATED and isinstance(changed, Sequence) and not isinstance(changed, str)
    return Documented(thing, tuple(str(field) for field in changed) if is_update else None)


def described(value: object) -> str:
    """Say what a value is, briefly: it goes into a message."""
    if value is None:
        return "nothing"
    kinds = {bool: "the boolean", int: "the number", float: "the number", str: "the text"}
    kind = next((name for each, name in kinds.items() if isinstance(value, each)), None)
    if kind is not None:
        text = repr(value)
        return f"{kind} {text if len(text) <= 80 else text[:77] + '...'}"
    return "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, (list, tuple)) else f"a {value.__class__.__name__}"


def _said_about(host: str, event: Mapping[str, Any]) -> Iterator[tuple[object, object, bool]]:
    """Yield what the event says of a host: data, the number of the case, and whether that is all of the data."""
    entries = event.get("events")
    left_out = [path for path in event.get("left_out") or () if isinstance(path, str)]
    whole = not any(path == "data" or path.startswith("data.") for path in left_out)
    if not isinstance(entries, list) or not entries:  # without a router
        meta = event.get("meta")
        if host in _hosts(event) or (isinstance(meta, Mapping) and host in _hosts(meta)):
            case = event.get("case")
            yield event.get("data"), case.get("id") if isinstance(case, Mapping) else None, whole
        return
    for number, entry in enumerate(entries):
        if isinstance(entry, Mapping) and host in _hosts(entry):
            leads = number == 0  # its data stands in the event itself
            yield event.get("data") if leads else entry.get("data"), entry.get("case"), whole if leads else f"events[{number}].data" not in left_out


def _hosts(holder: Mapping[str, Any]) -> Sequence[object]:
    hosts = holder.get("hosts")
    return hosts if isinstance(hosts, (list, tuple)) else ()


def _newest(found: Sequence[Documented]) -> Documented:
    """Return the newest object, with the fields that any of the updates changed; one that is no update asks for all."""
    newest = max(found, key=lambda each: str(each.thing.get("last_updated") or ""))
    if any(each.changed is None for each in found):
        return Documented(newest.thing)
    return Documented(newest.thing, tuple(dict.fromkeys(field for each in found for field in each.changed or ())))


def _names(event: Mapping[str, Any]) -> str:
    names = [repr(name) for name in _hosts(event)]
    return ", ".join(names[:5]) + (" and others" if len(names) > 5 else "") if names else "no host"
