# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Entries of alarms as they are written: what they mean, and their mistakes."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.alarms.settings import Settings, read
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes


def read_entry(written) -> Settings:
    mistakes = Mistakes()
    settings = read(written, "alarms[0]", mistakes)
    mistakes.raise_if_any()
    return settings


def test_nothing_needs_to_be_written():
    assert read_entry({}) == Settings("alarms[0]")


def test_all_that_can_be_written():
    written = {
        "accounts": ["production"],
        "regions": ["eu-central-1"],
        "prefix": "web-",
        "tags": {"team": "shop"},
        "states": ["ALARM"],
        "types": ["composite"],
        "interval": 30,
        "overlap": 90,
        "from": "2026-01-31T12:00:00Z",
        "severity": "critical",
        "insufficient_data": "firing",
    }
    assert read_entry(written) == Settings(
        "alarms[0]",
        accounts=("production",),
        regions=("eu-central-1",),
        prefix="web-",
        tags={"team": "shop"},
        states=("ALARM",),
        types=("composite",),
        interval_seconds=30,
        overlap_seconds=90,
        start="2026-01-31T12:00:00Z",
        severity="critical",
        insufficient_data="firing",
    )


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"prefx": "web-"}, "alarms[0].prefx"),
        ({"names": ["a"], "prefix": "b"}, "alarms[0]"),
        ({"names": []}, "alarms[0].names"),
        ({"names": ["a\x00"]}, "alarms[0].names[0]"),
        ({"states": ["FIRING"]}, "alarms[0].states[0]"),
        ({"from": "yesterday"}, "alarms[0].from"),
        ({"interval": 0}, "alarms[0].interval"),
        ({"tags": {"team": 7}}, "alarms[0].tags.team"),
        ({"regions": ["eu-central-1", "frankfurt"]}, "alarms[0].regions[1]"),
    ],
)
def test_mistakes_say_where_they_are(written, path):
    mistakes = Mistakes()
    read(written, "alarms[0]", mistakes)
    assert [where for where, _text in mistakes.found] == [path]


def test_an_entry_that_selects_others_begins_anew_and_one_that_tells_otherwise_does_not():
    keys = [read_entry(each).key for each in ({}, {"prefix": "a"}, {"names": ["a"]}, {"types": ["metric"]}, {"tags": {"a": "b"}})]
    assert len(set(keys)) == len(keys)
    assert read_entry({"severity": "info", "interval": 5, "states": ["ALARM"]}).key == keys[0]
