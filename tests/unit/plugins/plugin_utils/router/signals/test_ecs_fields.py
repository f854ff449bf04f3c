# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every decision in the fields of the Elastic Common Schema: the right names, types and values, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.bounded_text import Limits
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.ecs_fields import fields, is_decision, lost_fields
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import ACTIONS, CASE_CHANGED, HISTORY_DELETED, OPEN, Change
from hypothesis import given
from hypothesis import strategies as st

from . import decisions

# ECS 8.11 (https://github.com/elastic/ecs, branch 8.11, generated/csv/fields.csv): field, type, and whether the schema normalizes it to an array.
KEYWORD, TEXT, LONG, DATE = "keyword", "match_only_text", "long", "date"
ECS = {
    "@timestamp": (DATE, False),
    "ecs.version": (KEYWORD, False),
    "event.action": (KEYWORD, False),
    "event.category": (KEYWORD, True),
    "event.dataset": (KEYWORD, False),
    "event.duration": (LONG, False),
    "event.end": (DATE, False),
    "event.id": (KEYWORD, False),
    "event.kind": (KEYWORD, False),
    "event.module": (KEYWORD, False),
    "event.outcome": (KEYWORD, False),
    "event.reason": (KEYWORD, False),
    "event.sequence": (LONG, False),
    "event.severity": (LONG, False),
    "event.start": (DATE, False),
    "event.type": (KEYWORD, True),
    "host.name": (KEYWORD, False),
    "log.level": (KEYWORD, False),
    "message": (TEXT, False),
    "related.hosts": (KEYWORD, True),
    "related.user": (KEYWORD, True),
    "rule.category": (KEYWORD, False),
    "rule.name": (KEYWORD, False),
    "service.name": (KEYWORD, False),
    "service.type": (KEYWORD, False),
    "service.version": (KEYWORD, False),
    "user.name": (KEYWORD, False),
}
# The pages "ECS categorization field: event.kind", "event.category" (with the types that are expected with each) and "event.outcome".
KINDS = {"alert", "asset", "enrichment", "event", "metric", "pipeline_error", "state"}  # and signal, which is reserved
EXPECTED_TYPES = {
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "database": {"access", "change", "info", "error"},
    "process": {"access", "change", "end", "info", "start"},
}
TYPES = {"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error", "group", "indicator", "info"}
TYPES |= {"installation", "protocol", "start", "user"}
OUTCOMES = {"failure", "success", "unknown"}
ECS_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def said(change: Change, **limits: int) -> dict:
    return fields(change, version="0.1.0", limits=Limits(**limits))


def flat(value: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from flat(item, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", item


ALL = [*(pytest.param(said(change), id=name) for name, change in decisions.DECISIONS.items()), pytest.param(lost_fields(3, 1.0, 2.0, version="1"), id="lost")]


def test_there_is_an_example_of_each_action():
    assert {change.action for change in decisions.DECISIONS.values()} == ACTIONS


@pytest.mark.parametrize("line", ALL)
def test_every_field_is_of_ecs_and_has_its_type_or_is_ours(line):
    for name, value in flat(line):
        if name.startswith(("eventops.", "labels.")):
            assert isinstance(value, str) or not name.startswith("labels."), f"{name}: labels are keywords"
            continue
        kind, is_array = ECS[name]
        values = value if is_array else [value]
        assert isinstance(values, list) and values, name
        for each in values:
            assert isinstance(each, int if kind == LONG else str) and not isinstance(each, bool), name
            assert kind != DATE or ECS_DATE.fullmatch(each), name


@pytest.mark.parametrize("line", ALL)
def test_categorization_takes_values_that_ecs_allows_together(line):
    event = line["event"]
    assert event["kind"] in KINDS and set(event.get("type", ())) <= TYPES and event.get("outcome", "unknown") in OUTCOMES
    for category in event.get("category", ()):
        assert set(event["type"]) <= EXPECTED_TYPES[category]


@pytest.mark.parametrize("line", ALL)
def test_what_ecs_logging_requires_comes_first_and_undivided(line):
    """https://github.com/elastic/ecs-logging, spec/spec.json: index 0, 1 and 2; `nesting_allowed` is false for log.level."""
    assert list(line)[:4] == ["@timestamp", "log.level", "message", "ecs.version"]
    assert line["ecs.version"] == "8.11.0" and line["log.level"] in ("info", "warning", "error") and line["message"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("opened", {"event.type": ["creation"], "event.severity": 3, "host.name": "web-01", "rule.name": "ServiceDown", "rule.category": "alert.firing"}),
        ("approved", {"user.name": "anna", "related.user": ["anna"], "eventops.case.from_state": "awaiting_approval", "eventops.case.state": "open"}),
        ("dispatched", {"event.type": ["change"], "eventops.case.attempt": 1, "eventops.case.dispatch": decisions.DISPATCH.uuid}),
        ("waits after a failure", {"event.outcome": "failure", "log.level": "warning", "eventops.case.due_at": "2026-01-31T12:00:35.000000Z"}),
        ("waits for the pause", {"log.level": "info", "eventops.case.waits_for": "pause", "event.reason": "paused by anna"}),
        ("resolved", {"event.type": ["end"], "event.outcome": "success", "event.duration": 72_250_000_000, "event.start": "2026-01-31T12:00:00.000000Z"}),
        ("exhausted", {"event.kind": "alert", "log.level": "error", "event.outcome": "failure", "event.duration": 300_000_000_000}),
        ("noted", {"event.type": ["info"], "user.name": "ben", "event.reason": "looked at it, the disk is old"}),
        ("dispatch planned", {"event.outcome": "unknown", "event.category": ["process"], "event.type": ["start"], "eventops.hosts": 7}),
        ("dispatch succeeded", {"event.outcome": "success", "event.duration": 10_500_000_000, "eventops.dispatch.cases": [17, 18, 19, 20, 21, 22, 23]}),
        ("dispatch partly failed", {"event.outcome": "failure", "log.level": "warning", "related.hosts": list(decisions.MANY_HOSTS)}),
        ("dispatch untaken", {"event.outcome": "unknown", "log.level": "info"}),
        ("paused", {"event.category": ["configuration"], "log.level": "warning", "eventops.pause.match": "{}", "user.name": "anna"}),
        ("storm began", {"event.kind": "alert", "log.level": "error", "eventops.storm.unhealthy": 160, "eventops.storm.known_hosts": 200}),
        ("storm released", {"user.name": "anna", "eventops.storm.released_by": "anna"}),
        ("history deleted", {"eventops.details.number": 500, "eventops.details.before": 1_762_084_800.0}),
    ],
)
def test_a_decision_says_what_it_was(name, expected):
    assert dict(flat(said(decisions.DECISIONS[name]))).items() >= expected.items()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("opened", "case 17 (ServiceDown on web-01) open: alert.firing from monitors"),
        ("approved", "case 17 (ServiceDown on web-01) awaiting_approval -> open by anna: approved"),
        ("noted", "case 17 (ServiceDown on web-01) noted by ben: looked at it, the disk is old"),
        ("dispatch failed", "dispatch ended, attempt 1 on 7 host(s) for 7 case(s): failed: web-03 unreachable: no route"),
        ("paused", "pause began for everything by anna: the network is being rebuilt"),
        ("storm ended", "storm ended, 12 of 200 hosts fail"),
        ("history deleted", "history deleted, number 500, before 1762084800.0"),
    ],
)
def test_the_message_is_for_people(name, message):
    assert said(decisions.DECISIONS[name])["message"] == message


@pytest.mark.parametrize("name", ["dispatch planned", "a request opened", "storm began"])
def test_host_name_is_the_one_host_that_it_is_about_and_absent_where_it_is_none_or_several(name):
    assert "host" not in said(decisions.DECISIONS[name])


def test_details_of_other_types_are_text():
    change = Change(1.0, HISTORY_DELETED, details={"states": ["resolved"], "what": "cases", "huge": 10**400, "nan": float("nan")})
    details = said(change)["eventops"]["details"]
    assert (details["states"], details["what"], details["nan"]) == ('["resolved"]', "cases", "NaN") and details["huge"].startswith("1000")


def test_nobody_is_named_as_user_where_the_router_decided():
    assert "user" not in said(decisions.DECISIONS["resolved"]) and "related" in said(decisions.DECISIONS["resolved"])


def test_an_event_that_only_joined_a_case_is_no_decision_but_what_a_person_did_is():
    joined = Change(1.0, CASE_CHANGED, "event 5 joined", "router", OPEN, decisions.CASE)
    assert not is_decision(joined)
    assert is_decision(replace(joined, by="anna")) and all(is_decision(change) for change in decisions.DECISIONS.values())


def _hostile(text: str) -> Change:
    case = replace(decisions.CASE, name=text, subject=text, dedup_key=text, type=f"alert.{text}", hosts=(text,) * 300, child=text, decided_by=text, reason=text)
    return Change(1.0, CASE_CHANGED, text, text, "open", case, details={text: text, "list": [text], "huge": 10**400, "nan": float("nan")})


@given(st.text(max_size=3000))
def test_long_text_is_cut_where_a_line_has_its_bounds(text):
    size = len(json.dumps(said(_hostile(text), text_bytes=100, entries=3)))
    assert size < 3900, "with id, sequence and line end it fits into 4096"


@pytest.mark.parametrize("text", ["x" * 5000, "\N{PILE OF POO}" * 5000, "\ud800" * 5000, "\x00" * 5000])
def test_the_longest_texts_are_cut_too(text):
    line = said(_hostile(text), text_bytes=100, entries=3)
    assert len(json.dumps(line)) < 3900 and line["event"]["reason"].endswith("...")
    assert line["eventops"]["hosts"] == 300 and len(line["related"]["hosts"]) == 3


@given(st.text(max_size=200), st.integers(20, 300))
def test_what_fits_is_not_touched_and_what_does_not_is_as_long_as_may_be(text, most):
    kept = said(Change(1.0, HISTORY_DELETED, text), text_bytes=most)["event"].get("reason", "")
    size = len(json.dumps(text)) - 2
    assert (kept == text) == (size <= most)
    assert len(json.dumps(kept)) - 2 <= most
    assert size <= most or len(json.dumps(kept)) - 2 > most - 3 - 12 * 4


def test_the_line_that_the_documentation_shows_is_one_that_is_written():
    documentation = Path(__file__).absolute().parents[6] / "docs" / "log.md"
    shown = json.loads(re.search(r"```json\n(.*?)```", documentation.read_text(encoding="utf-8"), re.DOTALL)[1])
    for own in ("id", "sequence"):
        del shown["event"][own]
    assert shown == said(decisions.DECISIONS["exhausted"])
