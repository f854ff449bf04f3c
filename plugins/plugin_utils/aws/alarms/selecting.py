# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which entry an alarm belongs to: the first that selects it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.alarm import Alarm
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.listing import Listing
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.tags import Tags


class Selection:
    """The entries of one place, and what it takes to tell whose an alarm is."""

    def __init__(self, entries: Sequence[Settings], listing: Listing, tags: Tags) -> None:
        self.entries = tuple(entries)
        self._listing = listing
        self._tags = tags
        self._alarms: dict[str, Alarm | None] = {}

    def start_round(self, alarms: dict[str, Alarm]) -> None:
        """Forget the alarms of the last round; these are known now."""
        self._alarms = dict(alarms)

    def forget_gone(self, names: Iterable[str]) -> None:
        """Ask for these once more, where there was none of the name."""
        for name in names:
            if name in self._alarms and self._alarms[name] is None:
                del self._alarms[name]

    def alarm(self, name: str) -> Alarm | None:
        """Return an alarm that was learnt of in this round; None when there is none of this name."""
        return self._alarms.get(name)

    def is_possible(self, name: str, type_: str) -> bool:
        """Tell whether an entry could select an alarm, whatever its tags are."""
        return any(entry.could_select(name, type_) for entry in self.entries)

    async def learn(self, names: Iterable[str], *, whole: bool = True) -> None:
        """Find out about alarms what is not known yet; without `whole` only what it takes to select them."""
        names = list(names)
        wanted = [name for name in names if name not in self._alarms and (whole or (self._has_tags and not self._tags.has(name)))]
        if wanted:
            found = await self._listing.named(wanted)
            self._alarms.update((name, found.get(name)) for name in wanted)
        if self._has_tags:
            await self._tags.learn(alarm for alarm in map(self.alarm, names) if alarm is not None)

    def entry_of(self, name: str, type_: str) -> Settings | None:
        """Return the entry that an alarm belongs to, as far as has been learnt."""
        return next((entry for entry in self.entries if entry.could_select(name, type_) and self._tags.fit(name, entry.tags)), None)

    @property
    def _has_tags(self) -> bool:
        return any(entry.tags for entry in self.entries)
