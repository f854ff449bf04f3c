# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Entries of logs as they are written: what they mean, and their mistakes."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.logs.settings import Settings, read
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes


def read_entry(written) -> Settings:
    mistakes = Mistakes()
    settings = read(written, "logs[0]", mistakes)
    mistakes.raise_if_any()
    return settings


def test_groups_are_all_that_needs_to_be_written():
    assert read_entry({"groups": ["/aws/lambda/orders"]}) == Settings("logs[0]", groups=("/aws/lambda/orders",))
    assert read_entry({"prefix": "/aws/lambda/"}) == Settings("logs[0]", prefix="/aws/lambda/")


def test_all_that_can_be_written():
    written = {
        "accounts": ["production"],
        "regions": ["eu-central-1"],
        "prefix": "/aws/",
        "pattern": "?ERROR ?CRITICAL",
        "name": "CriticalLog",
        "severity": "critical",
        "interval": 10,
        "overlap": 60,
        "window": 300,
        "samples": 0,
        "from": "all",
    }
    settings = read_entry(written)
    assert (settings.accounts, settings.regions, settings.prefix, settings.pattern) == (("production",), ("eu-central-1",), "/aws/", "?ERROR ?CRITICAL")
    assert (settings.name, settings.severity, settings.interval_seconds, settings.start) == ("CriticalLog", "critical", 10, "all")
    assert (settings.overlap, settings.window, settings.samples, settings.grace) == (60_000, 300_000, 0, 5_000)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({}, "logs[0]"),
        ({"groups": ["a"], "prefix": "b"}, "logs[0]"),
        ({"groups": ["a b"]}, "logs[0].groups[0]"),
        ({"groups": ["a"], "from": "yesterday"}, "logs[0].from"),
        ({"groups": ["a"], "window": 0}, "logs[0].window"),
        ({"groups": ["a"], "samples": 21}, "logs[0].samples"),
        ({"groups": ["a"], "pattern": ""}, "logs[0].pattern"),
        ({"groups": ["a"], "patern": "ERROR"}, "logs[0].patern"),
        ({"groups": ["a"], "regions": ["frankfurt"]}, "logs[0].regions[0]"),
    ],
)
def test_mistakes_say_where_they_are(written, path):
    mistakes = Mistakes()
    read(written, "logs[0]", mistakes)
    assert [where for where, _text in mistakes.found] == [path]


def test_an_entry_that_looks_for_something_else_begins_anew():
    keys = [read_entry({"groups": ["a"], **each}).key for each in ({}, {"pattern": "x"}, {"name": "x"})]
    assert len(set(keys)) == 3
    assert read_entry({"groups": ["b"], "window": 5, "severity": "info"}).key == keys[0]
