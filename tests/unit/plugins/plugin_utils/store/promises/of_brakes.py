# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a store promises about pauses and the storm."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import (
    PAUSE_BEGAN,
    PAUSE_ENDED,
    STORM_BEGAN,
    STORM_ENDED,
    STORM_RELEASED,
    Change,
    Pause,
    Storm,
)


class PromisesOfBrakes:
    def test_a_pause_holds_until_a_person_or_the_time_ends_it(self, store):
        whole = store.run_now(lambda tx: tx.add_pause(Pause({}, 1.0, "ann", "deploying")))
        hour = store.run_now(lambda tx: tx.add_pause(Pause({"hosts": ["web-*"]}, 2.0, "bob", until=50.0)))
        assert (whole.id, hour.match) != (0, {})
        assert store.run_now(lambda tx: tx.pauses(49.9)) == [whole, hour]
        assert store.run_now(lambda tx: tx.pauses(50.0)) == [whole]
        store.run_now(lambda tx: tx.end_pause(whole.id, by="ann", now=20.0))
        assert store.run_now(lambda tx: tx.pauses(20.0)) == [hour]

    def test_what_does_not_hold_cannot_be_ended(self, store):
        pause = store.run_now(lambda tx: tx.add_pause(Pause({}, 1.0, "ann", until=50.0)))
        for pause_id, now in ((99, 2.0), (pause.id, 50.0)):
            with pytest.raises(KeyError):
                store.run_now(lambda tx, pause_id=pause_id, now=now: tx.end_pause(pause_id, by="ann", now=now))
        store.run_now(lambda tx: tx.end_pause(pause.id, by="ann", now=2.0))
        with pytest.raises(KeyError):
            store.run_now(lambda tx: tx.end_pause(pause.id, by="ann", now=3.0))

    def test_a_storm_goes_on_until_it_is_over(self, store):
        assert store.run_now(lambda tx: tx.storm()) is None
        storm = Storm(1.0, 80, 100)
        for each in (storm, replace(storm, unhealthy=90), replace(storm, released_by="ann")):
            store.run_now(lambda tx, each=each: tx.save_storm(each, now=2.0))
            assert store.run_now(lambda tx: tx.storm()) == each
        store.run_now(lambda tx: tx.save_storm(None, now=3.0))
        assert store.run_now(lambda tx: tx.storm()) is None

    def test_observers_are_told_of_both(self, store, changes):
        pause = store.run_now(lambda tx: tx.add_pause(Pause({}, 1.0, "ann", "deploying")))
        store.run_now(lambda tx: tx.end_pause(pause.id, by="bob", now=2.0))
        storm = Storm(3.0, 80, 100)
        released = replace(storm, released_by="ann")
        store.run_now(lambda tx: tx.save_storm(storm, now=3.0))
        store.run_now(lambda tx: tx.save_storm(replace(storm, unhealthy=90), now=4.0))
        store.run_now(lambda tx: tx.save_storm(released, by="ann", now=5.0))
        store.run_now(lambda tx: tx.save_storm(None, now=6.0))
        store.run_now(lambda tx: tx.save_storm(None, now=7.0))
        assert changes == [
            Change(1.0, PAUSE_BEGAN, "deploying", "ann", pause=pause),
            Change(2.0, PAUSE_ENDED, "deploying", "bob", pause=pause),
            Change(3.0, STORM_BEGAN, storm=storm),
            Change(5.0, STORM_RELEASED, by="ann", storm=released),
            Change(6.0, STORM_ENDED, storm=released),
        ]
