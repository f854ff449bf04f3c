# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events of windows: what matched in one stretch of time, with a bounded part of the lines."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.alert import fingerprint
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NoHost, Sought, seek_hosts
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import NO_HOST, reason, received
from ansible_collections.eventops.infra.plugins.plugin_utils.attributes import default_dedup_key, event_from_attributes
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.line import Line
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.window import Window
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.own_sources import source_of_logs
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.hosts import with_exact_names
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.moment import as_text
from ansible_collections.eventops.infra.plugins.plugin_utils.event import MAX_HOSTS, Event

logger = logging.getLogger(__name__)

MATCHED = "log.matched"
# A dispatch takes 64 KiB: an event of a log is to reach the rules whole.
_LONGEST_MESSAGE, _LONGEST_JSON = 4000, 8000  # less than LONGEST of a line
_LONGEST_SAMPLE, _LONGEST_JSON_OF_SAMPLE = 1000, 1000


class Teller:
    """Makes the events of what one entry finds at one place."""

    def __init__(self, place: Place, settings: Settings, around: Around, asker: Asker) -> None:
        self.source = source_of_logs(place)
        self._place = place
        self._settings = settings
        self._around = around
        self._asker = asker

    async def events(self, group: str, windows: Sequence[Window]) -> list[Event]:
        """Make an event of each window; the hosts of all are looked up together."""
        if not windows:
            return []
        inventory = await self._around.keeper.inventory.fresh()
        moment = as_text(int(self._around.now() * 1000))

        def read(names: Any) -> list[Event]:
            context = AdapterContext(self.source, moment, self._around.new_id, inventory, names=names)
            return [self._event(group, window, context) for window in windows]

        return [with_exact_names(event, inventory) for event in await self._asker.read_hosts(read)]

    def _event(self, group: str, window: Window, context: AdapterContext) -> Event:
        name = self._settings.name or group
        data = self._data(group, name, window)
        id_ = self._id(group, name, window)
        try:
            sought = self._hosts_of(group, window, context)
        except NoHost as error:
            logger.error("cloudwatch: %s (%s): lines of %s: %s; they are kept as event.received", self._settings.where, self._place, group, error)
            return replace(received(data, str(error), context), id=id_, extra=reason(str(error), NO_HOST))
        subject = f"{self._place.account}/{self._place.region}/{group}"
        return event_from_attributes(
            {
                "id": id_,
                "type": MATCHED,
                "subject": group,
                "time": as_text(window.newest.at),
                "severity": self._settings.severity,
                "hosts": list(sought.hosts),
                "dedup_key": default_dedup_key(MATCHED, id_, subject if name == group else f"{subject}/{name}", {}),
                "data": {**data, **({"unresolved": sought.unresolved} if sought.unresolved else {})},
            },
            source=self.source,
            received_at=context.received_at,
            new_id=context.new_id,
        )

    def _id(self, group: str, name: str, window: Window) -> str:
        """Return the same for the same window, however often it is read; lines that appeared late are known by what they are."""
        known_by = fingerprint(group, name, self._settings.pattern or "", str(window.end - window.start))
        return f"{known_by}/{as_text(window.start)}" + (f"/late/{window.lines_known_by}" if window.is_late else "")

    def _data(self, group: str, name: str, window: Window) -> dict[str, Any]:
        newest = window.newest
        parsed = newest.json(_LONGEST_JSON)
        return {
            "name": name,
            "log_group": group,
            "log_stream": newest.stream,
            "region": self._place.region,
            "account": self._place.account,
            "count": window.count,
            "first_at": as_text(window.first_at),
            "last_at": as_text(newest.at),
            "samples": [_sample(line) for line in window.samples],
            "message": newest.text(_LONGEST_MESSAGE),
            **({"json": parsed} if parsed is not None else {}),
            **({"pattern": self._settings.pattern} if self._settings.pattern else {}),
        }

    def _hosts_of(self, group: str, window: Window, context: AdapterContext) -> Sought:
        """Return the hosts that lines came from, by the newest line of each stream. Raises NoHost when none of them leads to one."""
        hosts: dict[str, None] = {}
        unresolved: str | None = None
        missed: NoHost | None = None
        for line in window.by_stream.values():
            labels = {"log_group": group, "log_stream": line.stream}
            content = {**labels, "message": line.text(_LONGEST_MESSAGE), "json": line.json(_LONGEST_JSON)}
            try:
                sought = seek_hosts(self._around.hosts or DEFAULT_HOSTS, labels=labels, content=content, context=context)
            except NoHost as error:
                missed = error
            else:
                hosts.update(dict.fromkeys(sought.hosts))
                unresolved = unresolved or sought.unresolved
        if missed is not None and not hosts:
            raise missed
        return Sought(tuple(hosts)[:MAX_HOSTS], unresolved)


def _sample(line: Line) -> dict[str, Any]:
    parsed = line.json(_LONGEST_JSON_OF_SAMPLE)
    return {"time": as_text(line.at), "message": line.text(_LONGEST_SAMPLE), **({"json": parsed} if parsed is not None else {}), "stream": line.stream}
