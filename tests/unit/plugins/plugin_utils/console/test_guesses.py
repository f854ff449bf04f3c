# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong tokens: an address that names too many is told to wait; others are not, and memory is bounded."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.console import guesses
from ansible_collections.eventops.infra.plugins.plugin_utils.console.guesses import Guesses


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(name="clock")
def _clock():
    return Clock()


def test_ten_are_free_and_then_one_each_six_seconds(clock):
    counted = Guesses(clock)
    assert [counted.wrong("192.0.2.1") for _turn in range(10)] == [0] * 10
    assert counted.wrong("192.0.2.1") == 6
    clock.now += 5
    assert counted.wrong("192.0.2.1") == 1
    clock.now += 1
    assert counted.wrong("192.0.2.1") == 0
    assert counted.wrong("192.0.2.1") == 6


def test_an_address_does_not_pay_for_another(clock):
    counted = Guesses(clock)
    for _turn in range(50):
        counted.wrong("192.0.2.1")
    assert counted.wrong("192.0.2.2") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        (None, "nonsense", True),
    ],
)
def test_what_is_one_address(clock, one, other, same):
    counted = Guesses(clock)
    for _turn in range(11):
        counted.wrong(one)
    assert (counted.wrong(other) > 0) is same


def test_memory_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(guesses, "_MOST_ADDRESSES", 100)
    counted = Guesses(clock)
    for number in range(1000):
        counted.wrong(f"198.51.{number // 250}.{number % 250}")
    assert len(counted._records) == 100


def test_the_log_is_told_once_a_minute_how_many(clock, caplog):
    counted = Guesses(clock)
    for _turn in range(20):
        counted.wrong("192.0.2.1")
    assert [record.getMessage() for record in caplog.records] == ["console: 1 wrong token(s) from 192.0.2.1"]
    clock.now += 60
    counted.wrong("192.0.2.1")
    assert caplog.records[-1].getMessage() == "console: 20 wrong token(s) from 192.0.2.1"
