# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Conditions, parsed by ansible-rulebook itself."""

from __future__ import annotations

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.engine.conditions import met_by, steps_of
from ansible_rulebook.condition_parser import parse_condition
from ansible_rulebook.json_generator import visit_condition

EVENT = {"type": "a", "subject": "web-01", "number": 1, "flag": True, "none": None, "data": {"name": "Down", "labels": {"a b": "x"}}}


def met(text: str) -> bool | None:
    return met_by(visit_condition(parse_condition(text), {"wanted": "a"}), EVENT)


@pytest.mark.parametrize(
    "text",
    [
        'event.type == "a"',
        "event.type == vars.wanted",
        'event.data.labels["a b"] == "x"',
        'event.type == "a" and event.data.name == "Down"',
        'event.type == "z" or event.data.name == "Down"',
        'not event.type == "b"',
        'event.type in ["b", "a"]',
        'events.first << event.type == "a"',
        'fact.type == "a"',
        "true",
    ],
)
def test_what_an_event_meets(text):
    assert met(text) is True


@pytest.mark.parametrize(
    "text",
    [
        'event.type == "b"',
        'event.nothing == "b"',
        'event.type.deeper == "a"',
        'event.type == "b" and event.number > 3',
        'event.type == "b" or event.data.name == "Up"',
        'not event.type == "a"',
        'event.type in ["b", "c"]',
        "false",
    ],
)
def test_what_an_event_does_not_meet(text):
    assert met(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "event.number == 1",
        "event.number == 2",
        "event.flag == true",
        'event.number == "1"',
        'event.none == "a"',
        "event.none == null",
        "event.nothing == null",
        'event.type != "a"',
        "event.type is defined",
        'event.type is match("b")',
        "event.type == events.first.type",
        'event.type in ["b", 1]',
        'event.data["list"][0] == "a"',
        'event.type == "a" and event.number > 3',
        'event.type == "b" or event.number > 3',
        "not event.number > 3",
    ],
)
def test_what_only_the_engine_knows(text):
    assert met(text) is None


def test_a_path_is_taken_apart():
    assert steps_of("""data['a'].b["c.d"][0][-1]""") == ["data", "a", "b", "c.d", None, None]
    assert steps_of("data..x") is None and steps_of("data[x]") is None
