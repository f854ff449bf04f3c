# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watching the alarms of one place: at intervals the state of those that matter is asked for, and the history is read on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.errors import DENIED
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.access.place import Place
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.change import Change
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.following import Telling, bury, compare, follow, settle
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.history import History, Page
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.known import Fires, Known
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.listing import Listing
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.recollection import Recollection
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.selecting import Selection
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.tags import Tags
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.telling import Announcement, Teller
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.around import Around
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.polling.asking import Asker, Refused
from ansible_collections.eventops.infra.plugins.plugin_utils.turn import Turn

logger = logging.getLogger(__name__)

_AT_ONCE = 100  # events in one transaction: senders wait while they are written
_DENIED_SECONDS = 900.0  # until the history is asked for again: somebody has to grant it first


class Watch:
    """Watches one place for all entries that look at it, until cancelled."""

    def __init__(self, place: Place, entries: Sequence[Settings], around: Around) -> None:
        self._where = f"alarms {place}"
        self._place = place
        self._keeper = around.keeper
        self._asker = Asker(around, place, self._where)
        self._entries = tuple(entries)
        self._listing = Listing(self._asker, around.now)
        self._history = History(self._asker, around.now)
        self._selection = Selection(entries, self._listing, Tags(self._asker, around.now))
        self._memory = Recollection(place, entries, self._asker)
        self._teller = Teller(place, around, self._asker)
        self._history_from = 0.0  # on the clock of this process
        self._news: set[str] = set()
        self._began = 0  # on AWS's clock

    async def run(self) -> None:
        """Watch; what fails is tried again until it works."""
        await self._memory.recall()
        interval = min(entry.interval_seconds for entry in self._entries)
        while True:
            began = time.monotonic()
            await self.look()
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - began)))

    async def look(self) -> None:
        """Tell of everything that has changed since the last time."""
        has_history = time.monotonic() >= self._history_from
        listed, now = await self._listing.in_question(self._entries, by_state_only=not has_history)
        self._memory.begin(now)
        self._began = now
        self._selection.start_round(listed)
        self._news = set()
        if has_history:
            try:
                await self._read_on()
            except Refused as refused:
                if refused.failure.kind != DENIED:
                    logger.warning("cloudwatch: %s: %s; the history is read again from where it was kept", self._where, refused)
                    return
                self._do_without_history(refused)
                listed, now = await self._listing.in_question(self._entries, by_state_only=True)
                self._selection.start_round(listed)
                has_history = False
            else:
                self._keeper.trouble(f"{self._where} history", None)
        await self._compare(listed, now, by_state_only=not has_history)

    def _do_without_history(self, refused: Refused) -> None:
        text = f"{refused}; changes between two looks are not seen, grant cloudwatch:DescribeAlarmHistory to see them"
        logger.log(logging.WARNING if not self._history_from else logging.INFO, "cloudwatch: %s: %s", self._where, text)
        self._keeper.trouble(f"{self._where} history", text)
        self._history_from = time.monotonic() + _DENIED_SECONDS

    async def _read_on(self) -> None:
        """Tell of the changes that the history has.

        What appears late while later pages are read is on none of them: it is done with up to when the first one was read, and no further.
        """
        began: int | None = None
        async for page in self._history.since(self._memory.oldest, self._entries):
            began = page.clock if began is None else began
            await self._tell_page(page, began)

    async def _tell_page(self, page: Page, began: int) -> None:
        changes = [change for change in page.changes if self._may_be_new(change)]
        # What has changed since this look began may have been made anew after it was asked for.
        self._selection.forget_gone(change.name for change in changes if change.at >= self._began)
        await self._selection.learn(dict.fromkeys(change.name for change in changes), whole=False)
        by_alarm: dict[str, list[Change]] = {}
        for change in changes:
            entry = self._entry_of(change.name, change.type)
            if entry is not None and change.at >= self._memory.since(entry):
                by_alarm.setdefault(change.name, []).append(change)
        alarms: dict[str, Known | None] = {}
        tellings: list[Telling] = []
        for name, of_alarm in by_alarm.items():
            fires = self._entry_of(name, of_alarm[0].type).fires
            alarms[name], told = follow(self._memory.alarms.get(name), of_alarm, fires, more_follow=not page.is_last)
            self._news.add(name)
            tellings += told
        newest = [change.at for change in page.changes]
        read_to = began if page.is_last else min(max(newest), began) if newest else None
        if read_to is not None:
            # Of an alarm that changed every minute for weeks, all would be compared with each change, and be written with each page.
            oldest = self._memory.oldest_after(read_to)
            alarms = {name: known and known.without_told_before(oldest) for name, known in alarms.items()}
        await self._hand_in(tellings, alarms, read_to)

    def _may_be_new(self, change: Change) -> bool:
        known = self._memory.alarms.get(change.name)
        return not (known and known.is_done_with(change)) and (known is not None or self._selection.is_possible(change.name, change.type))

    async def _compare(self, listed: Mapping[str, Alarm], now: int, *, by_state_only: bool) -> None:
        """Tell what has waited, and what only DescribeAlarms shows: its word is the last."""
        is_quiet = by_state_only and not self._memory.by_state
        watched = [
            name for name, known in self._memory.alarms.items() if known.pending or known.is_watched(self._fires(name, known), by_state_only=by_state_only)
        ]
        await self._selection.learn(name for name in watched if name not in listed)
        names = [*dict.fromkeys([*watched, *(name for name, alarm in listed.items() if self._selection.is_possible(name, alarm.type))])]
        await self._selection.learn(names, whole=False)
        alarms: dict[str, Known | None] = {}
        tellings: list[Telling] = []
        turn = Turn()
        for name in names:
            known, told = self._compared(name, now, by_state_only=by_state_only, is_quiet=is_quiet)
            if known != self._memory.alarms.get(name):
                alarms[name] = known
                tellings += told
            if len(tellings) >= _AT_ONCE:
                await self._hand_in(tellings, alarms)
                alarms, tellings = {}, []
            await turn.give_way()
        await self._hand_in(tellings, alarms)
        await self._forget(now, by_state_only=by_state_only)

    def _compared(self, name: str, now: int, *, by_state_only: bool, is_quiet: bool) -> tuple[Known | None, list[Telling]]:
        known, alarm = self._memory.alarms.get(name), self._selection.alarm(name)
        entry = self._entry_of(name, (alarm or known).type)
        if entry is None:
            return known, []
        told: list[Telling] = []
        if known is not None:
            known, told = settle(known)
        if alarm is None:
            known, more = bury(known, name, entry.fires, now)
        else:
            has_news = name in self._news
            known, more = compare(known, alarm, entry.fires, has_news=has_news, by_state_only=by_state_only, is_quiet=is_quiet)
        return known, [*told, *more]

    async def _forget(self, now: int, *, by_state_only: bool) -> None:
        """Forget what nothing can follow from any more; and note how far all is done with, where there is no history to read."""
        oldest = min(self._memory.oldest, now)
        alarms: dict[str, Known | None] = {}
        for name, known in self._memory.alarms.items():
            fewer = known.without_told_before(oldest)
            alarms[name] = fewer if fewer.is_needed(self._fires(name, fewer), by_state_only=by_state_only) else None
        await self._hand_in([], alarms, now if by_state_only else None, by_state=by_state_only)

    async def _hand_in(
        self, tellings: Sequence[Telling], alarms: Mapping[str, Known | None], read_to: int | None = None, *, by_state: bool | None = None
    ) -> None:
        """Hand in what is told, and with it what is known then."""
        told = [telling for telling in tellings if telling.change.state in self._entry_of(telling.change.name, telling.change.type).states]
        await self._selection.learn(dict.fromkeys(telling.change.name for telling in told))
        detailed = {name: known and self._with_details(name, known) for name, known in alarms.items()}
        events = await self._teller.events([self._announcement(telling, detailed) for telling in sorted(told, key=lambda telling: telling.change.at)])
        await self._asker.keep(events, self._memory.noting(detailed, read_to, by_state))
        self._memory.note(detailed, read_to, by_state)

    def _with_details(self, name: str, known: Known) -> Known:
        """Keep the details of an alarm while it fires: should it be deleted, they are needed to say that it is over."""
        alarm = self._selection.alarm(name)
        if not known.pending and not self._fires(name, known)(known.state):
            return replace(known, details={})
        return known if alarm is None else replace(known, details=alarm.details)

    def _announcement(self, telling: Telling, alarms: Mapping[str, Known | None]) -> Announcement:
        name = telling.change.name
        alarm, known = self._selection.alarm(name), self._memory.alarms.get(name) or alarms.get(name)
        return Announcement(telling, self._entry_of(name, telling.change.type), alarm.details if alarm else known.details if known else {})

    def _entry_of(self, name: str, type_: str) -> Settings | None:
        """Return the entry that an alarm belongs to. What was told to be a problem is followed to its end, whatever the filters say by then."""
        entry, known = self._selection.entry_of(name, type_), self._memory.alarms.get(name)
        if entry is None and known is not None and (known.pending or any(each.fires(known.state) for each in self._entries)):
            return self._entries[0]
        return entry

    def _fires(self, name: str, known: Known) -> Fires:
        return (self._entry_of(name, known.type) or self._entries[0]).fires
