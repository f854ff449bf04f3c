# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The router in numbers: they are right, there from the start, bounded in number, documented, and what Prometheus expects."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.context import AdapterContext
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.received import NO_HOST, WORDS, received
from ansible_collections.eventops.infra.plugins.plugin_utils.intake import EventRefused, Intake, IntakeUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.router.condition import Condition
from ansible_collections.eventops.infra.plugins.plugin_utils.router.signals.metrics import Metrics
from ansible_collections.eventops.infra.plugins.plugin_utils.store.interface import StoreUnavailable
from ansible_collections.eventops.infra.plugins.plugin_utils.store.sqlite import SqliteStore
from ansible_collections.eventops.infra.plugins.plugin_utils.store.values import PARKED, WAITING, Storm
from prometheus_client.parser import text_string_to_metric_families

from . import decisions

DOCUMENTATION = (Path(__file__).absolute().parents[6] / "docs" / "metrics.md").read_text(encoding="utf-8")
ALERT = {"specversion": "1.0", "type": "alert.firing", "hosts": ["web-01"], "data": {"name": "Down"}}
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool, of Debian's prometheus")


@dataclass
class _Config:
    name: str


@dataclass
class _Child:
    config: _Config
    condition: Condition = field(default_factory=Condition)


@dataclass
class _Log:
    written: int = 7
    lost: int = 2


class Unavailable:
    """A store on a full disk."""

    async def run(self, function):
        raise StoreUnavailable("the disk is full")


@pytest.fixture(name="metrics")
def _metrics():
    return Metrics(version="0.1.0", sources=["monitors", "queue"], log=_Log())


@pytest.fixture(name="store")
def _store(tmp_path):
    store = SqliteStore(tmp_path / "store.db")
    yield store
    store.close()


def exposed(metrics, store) -> str:
    return asyncio.run(metrics.exposition(store)).decode()


def values(metrics, store=None) -> dict[str, float]:
    """Every sample by its name with labels, as it is written."""
    text = exposed(metrics, store or Unavailable())
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {sample.name + "".join(f"{{{key}={value}}}" for key, value in sorted(sample.labels.items())): sample.value for sample in samples}


def test_what_can_be_known_beforehand_is_there_from_the_start_at_zero(metrics, store):
    found = values(metrics, store)
    for name in (
        "eventops_events_accepted_total{source=queue}{type=alert.firing}",
        "eventops_events_accepted_total{source=monitors}{type=other}",
        "eventops_events_refused_total{source=queue}",
        "eventops_events_duplicate_total{source=queue}",
        "eventops_events_unread_total{source=queue}{why=late}",
        "eventops_cases{state=awaiting_approval}",
        "eventops_cases_opened_total{kind=request}",
        "eventops_cases_finished_total{kind=incident}{state=exhausted}",
        "eventops_dispatches_ended_total{outcome=partly_failed}",
        "eventops_dispatches_in_flight{state=parked}",
        "eventops_case_resolution_seconds_count{kind=change}",
        "eventops_oldest_waiting_case_age_seconds",
        "eventops_pauses",
    ):
        assert found[name] == 0, name
    assert found["eventops_build_info{version=0.1.0}"] == 1 and found["eventops_log_lines_lost_total"] == 2
    assert found["process_resident_memory_bytes"] > 1_000_000


def test_decisions_are_counted_once_each(metrics):
    metrics(list(decisions.DECISIONS.values()))
    found = values(metrics)
    expected = {
        "eventops_cases_opened_total{kind=incident}": 1,
        "eventops_cases_opened_total{kind=request}": 1,
        "eventops_cases_finished_total{kind=incident}{state=resolved}": 1,
        "eventops_cases_finished_total{kind=incident}{state=exhausted}": 1,
        "eventops_cases_finished_total{kind=incident}{state=suppressed}": 2,
        "eventops_cases_finished_total{kind=incident}{state=observed}": 1,
        "eventops_cases_finished_total{kind=incident}{state=unmatched}": 1,
        "eventops_case_attempts_total{kind=incident}": 1,
        "eventops_case_dispatch_delay_seconds_count": 1,
        "eventops_case_dispatch_delay_seconds_sum": 5,
        "eventops_case_resolution_seconds_count{kind=incident}": 1,
        "eventops_case_resolution_seconds_sum{kind=incident}": 72.25,
        "eventops_dispatches_ended_total{outcome=succeeded}": 1,
        "eventops_dispatches_ended_total{outcome=partly_failed}": 1,
        "eventops_dispatches_ended_total{outcome=failed}": 1,
        "eventops_dispatches_ended_total{outcome=untaken}": 1,
        "eventops_dispatch_hosts_sum": 7,
        "eventops_dispatch_duration_seconds_sum": 42,
    }
    assert {name: found[name] for name in expected} == expected


def test_a_case_that_is_over_counts_once_however_often_it_is_saved_and_opened_over_counts_too(metrics):
    suppressed = decisions.DECISIONS["suppressed"]
    metrics([replace(suppressed, action="case-opened", from_state=None)])
    metrics([replace(suppressed, from_state="suppressed"), replace(decisions.DECISIONS["resolved"], from_state="exhausted")])
    found = values(metrics)
    assert found["eventops_cases_finished_total{kind=incident}{state=suppressed}"] == 1
    assert found["eventops_cases_finished_total{kind=incident}{state=resolved}"] == 0


def test_only_the_first_attempt_says_how_long_a_case_waited_for_its_dispatch(metrics):
    metrics([decisions.case_change("waiting", "dispatched", attempt=2, seconds=400)])
    found = values(metrics)
    assert found["eventops_case_attempts_total{kind=incident}"] == 1 and found["eventops_case_dispatch_delay_seconds_count"] == 0


def test_how_things_stand_is_asked_from_the_store_and_so_right_after_a_restart(metrics, tmp_path):
    def written(tx) -> None:
        now = time.time()
        (row,) = tx.unhandled_events(1)
        case = replace(decisions.CASE, id=0, event_row=row.id)
        opened = [tx.add_case(replace(case, dedup_key=f"{age}", opened_at=now - age, hosts=(f"h{age}",)), "") for age in (100, 99, 98)]
        tx.save_case(replace(opened[0], state=WAITING, waits_for="backoff", due_at=now + 50), "")
        for number, state in enumerate(("planned", PARKED, "ended")):
            tx.add_dispatch(replace(decisions.DISPATCH, uuid=str(number), state=state, hosts=("h1",), shares=(), planned_at=now))
        tx.add_pause(replace(decisions.EVERYTHING_PAUSED, since=now, until=None))
        tx.add_pause(replace(decisions.EVERYTHING_PAUSED, match={"type": "alert.firing"}, since=now, until=None))
        tx.save_storm(Storm(now, 3, 9, released_by="anna"), now=now)

    store = SqliteStore(tmp_path / "store.db")
    Intake(store, redact_words=(), max_event_bytes=2000, accepted=lambda: None).take_now([ALERT], child="monitors")
    store.run_now(written)
    store.close()
    store = SqliteStore(tmp_path / "store.db")
    found = values(metrics, store)
    store.close()
    expected = {
        "eventops_cases{state=open}": 2,
        "eventops_cases{state=waiting}": 1,
        "eventops_cases{state=running}": 0,
        "eventops_dispatches_in_flight{state=planned}": 1,
        "eventops_dispatches_in_flight{state=parked}": 1,
        "eventops_pauses": 2,
        "eventops_paused": 1,
        "eventops_storm": 1,
        "eventops_storm_released": 1,
        "eventops_unhealthy_hosts": 3,
        "eventops_store_up": 1,
    }
    assert {name: found[name] for name in expected} == expected
    assert 98 <= found["eventops_oldest_waiting_case_age_seconds"] < 130, "the one that waits for a time does not count"


def test_a_store_that_is_unavailable_is_said_and_nothing_is_made_up(metrics, store):
    assert values(metrics, store)["eventops_store_up"] == 1
    found = values(metrics, Unavailable())
    assert found["eventops_store_up"] == 0 and "eventops_cases{state=open}" not in found
    assert values(metrics, store)["eventops_store_up"] == 1


def test_what_the_intake_does_is_counted(metrics, store):
    intake = Intake(store, redact_words=(), max_event_bytes=2000, accepted=lambda: None, observer=metrics)

    async def deliver():
        await intake.take([{**ALERT, "id": "1"}, {**ALERT, "type": "netbox.device.created"}], child="monitors")
        await intake.take([{**ALERT, "id": "1"}], child="monitors")
        intake.take_now([{**ALERT, "type": "made.up"}], child="a filter's source")
        for refused in ({**ALERT, "type": "case.opened"}, {**ALERT, "data": {"x": "x" * 3000}}):
            with pytest.raises(EventRefused):
                await intake.take([refused], child="queue")
        store.close()
        for take in (intake.take, intake.take_now):
            with pytest.raises(IntakeUnavailable):
                if (waiting := take([ALERT], child="queue")) is not None:
                    await waiting

    asyncio.run(deliver())
    found = values(metrics)
    expected = {
        "eventops_events_accepted_total{source=monitors}{type=alert.firing}": 1,
        "eventops_events_accepted_total{source=monitors}{type=netbox}": 1,
        "eventops_events_accepted_total{source=a filter's source}{type=other}": 1,
        "eventops_events_duplicate_total{source=monitors}": 1,
        "eventops_events_refused_total{source=queue}": 2,
        "eventops_events_unavailable_total{source=queue}": 2,
    }
    assert {name: found[name] for name in expected} == expected


def test_what_is_kept_for_its_reason_alone_is_counted_by_why(metrics, store):
    """Once each, however often it is delivered; what could be read is none, whatever it says of itself."""
    intake = Intake(store, redact_words=(), max_event_bytes=2000, accepted=lambda: None, observer=metrics)
    context = AdapterContext("aws:sqs:us-east-1:eventops", "2026-01-31T12:00:00Z", map(str, range(100)).__next__)
    words = (*WORDS, NO_HOST, "made up")
    unread = [received({"body": "hello"}, "a reason", context, word) for word in words]
    read = [received({"a.json": 1}, None, context), replace(unread[0], id="read", type="alert.firing")]

    async def deliver():
        for _time in range(2):
            await intake.keep([*unread, *read], {}, child="queue")

    asyncio.run(deliver())
    found = {name: value for name, value in values(metrics).items() if "events_unread" in name and value}
    assert found == {
        "eventops_events_unread_total{source=queue}{why=unreadable}": 2,
        "eventops_events_unread_total{source=queue}{why=no_host}": 2,
        "eventops_events_unread_total{source=queue}{why=late}": 1,
    }


def test_whatever_senders_make_up_the_number_of_time_series_is_bounded(metrics, store):
    intake = Intake(store, redact_words=(), max_event_bytes=2000, accepted=lambda: None, observer=metrics)
    before = len(values(metrics, store))
    intake.take_now([{**ALERT, "type": f"{family}.{number}"} for number in range(300) for family in ("made", "netbox", "request", "alert")], child="queue")
    found = values(metrics, store)
    assert len(found) == before
    assert found["eventops_events_accepted_total{source=queue}{type=netbox}"] == 300
    assert found["eventops_events_accepted_total{source=queue}{type=other}"] == 900


def test_how_the_sources_fare(metrics):
    children = [_Child(_Config("monitors")), _Child(_Config("queue"))]
    metrics.watch(children)
    for child in children:
        child.condition.started(1.0)
    children[1].condition.failed("no connection", 2.0)
    children[1].condition.started(3.0)
    children[1].condition.failed("no connection", 4.0)
    children[0].condition.troubles["queues[0]"] = "AccessDenied"
    found = values(metrics)
    assert (found["eventops_source_troubles{source=monitors}"], found["eventops_source_troubles{source=queue}"]) == (1, 0)
    assert (found["eventops_source_up{source=monitors}"], found["eventops_source_up{source=queue}"]) == (1, 0)
    assert (found["eventops_source_restarts_total{source=monitors}"], found["eventops_source_restarts_total{source=queue}"]) == (0, 1)


def test_commits_are_measured(metrics):
    metrics.observed(0.004, 30)
    metrics.observed(0.3, 1)
    found = values(metrics)
    assert (found["eventops_store_commit_seconds_bucket{le=0.005}"], found["eventops_store_commit_seconds_count"]) == (1, 2)
    assert found["eventops_store_transactions_total"] == 31


def test_every_metric_is_documented_as_it_is_and_no_other(metrics, store):
    metrics.watch([_Child(_Config("monitors"))])
    documented = re.findall(r"^\| `(eventops_\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$", DOCUMENTATION, re.MULTILINE)
    families = text_string_to_metric_families(exposed(metrics, store))
    exist = set()
    for family in families:
        if family.name.startswith("eventops_"):
            labels = {key for sample in family.samples for key in sample.labels} - {"le"}
            exist.add((family.name + ("_total" if family.type == "counter" else ""), family.type, frozenset(labels), family.documentation))
    assert {(name, kind, frozenset(re.findall(r"`(\w+)`", labels)), text) for name, kind, labels, text in documented} == exist


@needs_promtool
def test_prometheus_own_linter_has_nothing_to_say(metrics, store):
    metrics(list(decisions.DECISIONS.values()))
    metrics.watch([_Child(_Config("monitors"))])
    checked = subprocess.run(["promtool", "check", "metrics"], input=exposed(metrics, store), text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def _yaml_with(key: str) -> str:
    return next(block for block in re.findall(r"```yaml\n(.*?)```", DOCUMENTATION, re.DOTALL) if block.startswith(key))


@needs_promtool
def test_prometheus_takes_the_configuration_that_is_shown(tmp_path):
    (tmp_path / "rules.yml").write_text(_yaml_with("groups:"))
    (tmp_path / "prometheus.yml").write_text(_yaml_with("scrape_configs:") + "rule_files: [rules.yml]\n")
    checked = subprocess.run(["promtool", "check", "config", "--lint-fatal", tmp_path / "prometheus.yml"], text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


STORIES = {
    "EventopsDown": {'up{job="eventops"}': "1 0x30"},
    "EventopsStoreUnavailable": {"eventops_store_up": "1 0x30"},
    "EventopsStorm": {"eventops_storm": "0 1x30", "eventops_storm_released": "0 0x30"},
    "EventopsPausedForLong": {"eventops_paused": "1x300"},
    "EventopsCaseExhausted": {'eventops_cases_finished_total{kind="incident",state="exhausted"}': "0x25 1x5"},
    "EventopsApprovalsWait": {'eventops_cases{state="awaiting_approval"}': "0x20 2x10"},
    "EventopsCasesWaitForLong": {"eventops_oldest_waiting_case_age_seconds": "0+60x30", "eventops_paused": "0x30", "eventops_storm": "0x30"},
    "EventopsMostRunsFail": {
        'eventops_dispatches_ended_total{outcome="failed"}': "0+2x30",
        'eventops_dispatches_ended_total{outcome="succeeded"}': "0+1x30",
    },
    "EventopsNoRuleTakesIt": {'eventops_dispatches_ended_total{outcome="untaken"}': "0x20 1x10"},
    "EventopsEventsUnread": {'eventops_events_unread_total{source="queue",why="unreadable"}': "0x25 1x5"},
    "EventopsSourceHasTrouble": {'eventops_source_troubles{source="queue"}': "1x30"},
    "EventopsSourceFails": {'eventops_source_restarts_total{source="queue"}': "0+1x30"},
    "EventopsSlowCommits": {
        'eventops_store_commit_seconds_bucket{le="0.25"}': "0+10x30",
        'eventops_store_commit_seconds_bucket{le="0.5"}': "0+20x30",
        'eventops_store_commit_seconds_bucket{le="+Inf"}': "0+20x30",
    },
    "EventopsLogLinesLost": {"eventops_log_lines_lost_total": "0x25 3x5"},
}
QUIET = {
    'up{job="eventops"}': "1x300",
    "eventops_store_up": "1x300",
    "eventops_storm": "0x300",
    "eventops_storm_released": "0x300",
    "eventops_paused": "0x300",
    'eventops_cases_finished_total{kind="incident",state="exhausted"}': "0x300",
    'eventops_cases_finished_total{kind="incident",state="resolved"}': "0+1x300",
    'eventops_cases{state="awaiting_approval"}': "0x100 1x3 0x200",
    'eventops_cases{state="open"}': "3x300",
    "eventops_oldest_waiting_case_age_seconds": "0x300",
    'eventops_dispatches_ended_total{outcome="failed"}': "0+1x300",
    'eventops_dispatches_ended_total{outcome="succeeded"}': "0+5x300",
    'eventops_dispatches_ended_total{outcome="untaken"}': "0x300",
    'eventops_source_restarts_total{source="queue"}': "1x300",
    'eventops_source_troubles{source="queue"}': "0x300",
    'eventops_store_commit_seconds_bucket{le="0.25"}': "0+10x300",
    'eventops_store_commit_seconds_bucket{le="+Inf"}': "0+10x300",
    "eventops_log_lines_lost_total": "0x300",
    'eventops_events_unread_total{source="queue",why="unreadable"}': "3x300",
    'eventops_events_unread_total{source="queue",why="no_host"}': "0+1x300",
    'eventops_events_unread_total{source="queue",why="late"}': "0+1x300",
    'eventops_events_unavailable_total{source="queue"}': "0x300",
}


@needs_promtool
@pytest.mark.parametrize(("alert", "series"), [*STORIES.items(), ("none", QUIET)], ids=[*STORIES, "a quiet day"])
def test_each_alert_fires_when_it_should_and_none_else(tmp_path, alert, series):
    """By Prometheus' own engine; a sample a minute, looked at after the last."""
    rules = yaml.safe_load(_yaml_with("groups:"))
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    names = [rule["alert"] for rule in rules["groups"][0]["rules"]]
    assert set(names) == set(STORIES)
    minutes = "299m" if "x300" in str(series) else "30m"
    watched = [{"expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)', "eval_time": minutes} for name in names]
    tests = [{**each, "exp_samples": [{"value": int(name == alert)}]} for name, each in zip(names, watched)]
    given = [{"series": name, "values": samples} for name, samples in series.items()]
    test = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": given, "promql_expr_test": tests}]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test))
    checked = subprocess.run(["promtool", "test", "rules", "test.yml"], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
