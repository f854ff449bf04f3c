# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebook auto_heal: stock ansible-rulebook takes it, its variables reach the router, and its rules run what they should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.probe.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import RouterConfig, read_children, read_config
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_rulebook.util import substitute_variables
from ansible_rulebook.validators import Validate

from .events_put import ROUTER, start_with_events

AUTO_HEAL = Path(__file__).absolute().parents[3] / "extensions" / "eda" / "rulebooks" / "auto_heal.yml"


@pytest.fixture
def written() -> list[dict]:
    return yaml.safe_load(AUTO_HEAL.read_text(encoding="utf-8"))


def test_it_keeps_to_the_schema_of_ansible_rulebook(written):
    Validate.rulebook(written)


def configured(written: list[dict], variables: dict, **environment: str) -> RouterConfig:
    """Return what the router makes of the arguments that ansible-rulebook gives to it."""
    arguments = {key: substitute_variables(value, variables) for key, value in written[0]["sources"][0][ROUTER].items()}
    mistakes = Mistakes()
    children = read_children(arguments, "", mistakes)
    return read_config(arguments, children, where="", inventory=None, environment=environment, mistakes=mistakes)


def test_without_variables_it_watches_and_does_nothing(written, tmp_path):
    config = configured(written, {}, EVENTOPS_STORE=str(tmp_path / "store.db"))

    [probe] = config.children
    settings = read_settings(probe.args)
    assert config.policy.base.mode == "observe"
    assert config.store == tmp_path / "store.db"
    assert (config.policy.base.attempts.max, config.policy.base.attempts.backoff, config.policy.base.confirm_within) == (3, 30, 900)
    assert (settings.inventory_checks, settings.defaults.interval, settings.defaults.fall) == ("eventops_services", 10, 3)


def test_every_variable_that_it_names_arrives(written, tmp_path):
    variables = {
        "eventops_mode": "enforce",
        "eventops_store": str(tmp_path / "other.db"),
        "eventops_attempts": 5,
        "eventops_backoff": 0.5,
        "eventops_backoff_factor": 3,
        "eventops_max_backoff": 60,
        "eventops_confirm_within": 10,
        "eventops_checks_variable": "our_services",
        "eventops_check_interval": 0.5,
        "eventops_check_timeout": 1,
        "eventops_check_fall": 1,
        "eventops_check_rise": 4,
        "eventops_check_repeat": 7,
    }

    config = configured(written, variables)

    settings = read_settings(config.children[0].args)
    policy = config.policy.base
    attempts = policy.attempts
    assert (policy.mode, config.store, policy.confirm_within) == ("enforce", tmp_path / "other.db", 10)
    assert (attempts.max, attempts.backoff, attempts.factor, attempts.max_backoff) == (5, 0.5, 3, 60)
    assert (settings.inventory_checks, settings.defaults.interval, settings.defaults.timeout) == ("our_services", 0.5, 1)
    assert (settings.defaults.fall, settings.defaults.rise, settings.repeat_seconds) == (1, 4, 7)


def event(type_: str, host: str, uuid: int, **data: object) -> dict:
    """Return an event as the router puts it."""
    hosts = [] if type_.startswith("case.") else [host]
    return {
        "specversion": "1.0",
        "id": f"{type_}/{uuid}",
        "source": "test",
        "type": type_,
        "subject": host,
        "time": "2026-01-31T12:00:00Z",
        "severity": "critical",
        "hosts": hosts,
        "data": data,
        "meta": {"uuid": f"00000000-0000-4000-8000-{uuid:012}", "hosts": hosts or ["localhost"]},
    }


def test_its_rules_heal_services_and_hosts_and_call_a_person(directory, env, service):
    web, machine = service("web"), service("machine")
    rulebook = Rulebook(directory / "rulebook", env)
    log = directory / "escalations"
    rulebook.write(
        "eventops.infra.auto_heal",
        {
            "web-01": {"our_services": [{"name": "web", "check": {"http": {"url": web.url}}, "start": {"command": web.start_command}}]},
            "web-02": {
                "our_services": [{"check": {"tcp": {"address": machine.address, "port": machine.port}}}],
                "eventops_power": {"command": machine.start_command},
            },
        },
        {"eventops_checks_variable": "our_services", "eventops_heal_wait": 30, "eventops_escalation_log": str(log)},
    )
    events = [
        event("alert.firing", "web-01", 1, name="ServiceDown", labels={"service": "web", "check": "http"}),
        event("alert.firing", "web-02", 2, name="HostDown", labels={"service": "host", "check": "tcp"}),
        event("case.exhausted", "web-03", 3, case=7, name="ServiceDown", hosts=["web-03"], reason="it broke"),
        event("case.unresolved", "web-04", 4, case=8, name="ServiceDown", hosts=["web-04"], reason="unknown host"),
        event("alert.resolved", "web-01", 5, name="ServiceDown", labels={"service": "web", "check": "http"}),
    ]

    def done() -> bool:
        return web.is_up and machine.is_up and log.exists() and len(log.read_text().splitlines()) == 2

    start_with_events(rulebook, events)
    try:
        wait_until(done, "all done", 120, lambda: rulebook.output)
    finally:
        rulebook.close()

    assert (web.number_of_starts, machine.number_of_starts) == (1, 1)
    assert sorted(json.loads(line)["data"]["case"] for line in log.read_text().splitlines()) == [7, 8]
