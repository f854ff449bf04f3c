# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events that tell of NetBox's objects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOST_LENGTH, Event

from .change import CREATED, Change, Key, as_text
from .object_types import HOST_TYPES, model_of
from .reach import reach

READY, NOT_READY = "ready", "not_ready"
# No host yet, or none to reach: what is to be done is done elsewhere.
_ABOUT_NO_HOST = (CREATED, NOT_READY)
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes events of one NetBox.

    :param source: the events' source.
    :param connection: where an object has each connection variable.
    :param left_out: the parts of an object that were read for the connection or for readiness, and that events do not have.
    """

    source: str
    connection: Mapping[str, str]
    left_out: frozenset[str] = frozenset()

    def of_change(self, what: str, change: Change, thing: Mapping[str, Any], changed: Sequence[str]) -> Event:
        """Tell of a change: created, updated, deleted, or that it made the object ready."""
        data = {
            "changed": list(changed),
            "before": dict(change.before) or None,
            "after": dict(change.after) or None,
            "username": change.username,
            "request_id": change.request_id,
            "change": {"id": change.id, "time": as_text(change.time)},
        }
        suffix = READY if what == READY else f"{change.id}/{as_text(change.time)}"
        return self._event(what, change.key, thing, change.time, data, suffix, changed)

    def of_state(self, what: str, key: Key, thing: Mapping[str, Any], time: datetime, data: Mapping[str, Any]) -> Event:
        """Tell that an object is ready, or is not in time, when no single change says so."""
        return self._event(what, key, thing, time, {"changed": [], "before": None, "after": None, **data}, what, ())

    def _event(
        self, what: str, key: Key, thing: Mapping[str, Any], time: datetime, data: Mapping[str, Any], suffix: str, changed: Sequence[str]
    ) -> Event:
        object_type, number = key
        model = model_of(object_type)
        name = name_of(thing, model, number)
        is_about_host = object_type in HOST_TYPES and what not in _ABOUT_NO_HOST
        connection, unreachable = reach(thing, self.connection) if is_about_host else ({}, "")
        told = {name: value for name, value in thing.items() if name not in self.left_out}
        content = {"model": model, "object_type": object_type, "object": told, **data, **({"unreachable": unreachable} if unreachable else {})}
        # What is ready is once; a database that was restored uses ids again.
        id_ = f"{object_type}/{number}/{thing.get('created') or ''}/{suffix}" if suffix in (READY, NOT_READY) else f"{object_type}/{number}/{suffix}"
        # Updates of other fields ask for other work: they do not become one case, of which only the newest would be done.
        fields = f"/{','.join(changed)}" if what == "updated" else ""
        event = event_from_attributes(
            {
                "id": id_,
                "source": self.source,
                "type": f"netbox.{model}.{what}",
                "subject": name,
                "time": as_text(time),
                "hosts": [name] if is_about_host else [],
                "dedup_key": default_dedup_key(f"netbox.{object_type}.{what}", "", f"{number}/{name}{fields}", {}),
                "data": content,
            },
            source=self.source,
            received_at=as_text(time),
            new_id=str,
        )
        return replace(event, connections={name: connection}) if connection else event


def name_of(thing: Mapping[str, Any], model: str, number: int) -> str:
    """Return what an object is called: devices may be without a name, and then are as NetBox displays them."""
    name = next((text for text in (thing.get("name"), thing.get("display")) if isinstance(text, str) and text), f"{model} {number}")
    return _UNWRITABLE.sub("\ufffd", name)[:MAX_HOST_LENGTH]
