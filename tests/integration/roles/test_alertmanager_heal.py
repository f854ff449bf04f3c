# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebook alertmanager_heal: its variables arrive where they should, and its rules run what they should."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.configured import read_adapter
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.alertmanager_api import AlertmanagerApi
from ansible_collections.eventops.infra.plugins.plugin_utils.receiver.confirm import SCHEMA, read_confirm
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import read_children, read_config
from ansible_collections.eventops.infra.tests.e2e.harness import Rulebook
from ansible_collections.eventops.infra.tests.e2e.waiting import wait_until
from ansible_rulebook.util import substitute_variables
from ansible_rulebook.validators import Validate

from .events_put import ROUTER, start_with_events

HEAL = Path(__file__).absolute().parents[3] / "extensions" / "eda" / "rulebooks" / "alertmanager_heal.yml"


@pytest.fixture
def written() -> list[dict]:
    return yaml.safe_load(HEAL.read_text(encoding="utf-8"))


def configured(written: list[dict], variables: dict) -> tuple:
    """Return what the router and its one source make of the arguments that ansible-rulebook gives to them."""
    mistakes = Mistakes()
    arguments = {key: substitute_variables(value, variables) for key, value in written[0]["sources"][0][ROUTER].items()}
    children = read_children(arguments, "", mistakes)
    config = read_config(arguments, children, where="", inventory=None, environment={}, mistakes=mistakes)
    [http] = config.children
    endpoint = http.args["endpoints"]["/alertmanager"]
    _name, adapter = read_adapter(endpoint["adapter"], "adapter", mistakes)
    confirm = read_confirm(mistakes.read(endpoint["confirm"], SCHEMA), "confirm", {}, mistakes)
    mistakes.raise_if_any()
    return config, http.args["address"], endpoint, adapter, confirm


def test_it_keeps_to_the_schema_of_ansible_rulebook(written):
    Validate.rulebook(written)


def test_without_variables_it_listens_to_this_machine_and_does_nothing(written, tmp_path):
    config, address, endpoint, adapter, confirm = configured(written, {"eventops_store": str(tmp_path / "store.db")})
    assert (config.policy.base.mode, address) == ("observe", "127.0.0.1:5001")
    assert endpoint["auth"] == {"bearer": {"secrets": [{"file": "/etc/eventops/alertmanager.token"}]}}
    assert adapter["hosts"] == [{"label": "host"}, {"label": "instance", "strip_port": True}]
    assert confirm == AlertmanagerApi(url="http://127.0.0.1:9093")


def test_every_variable_that_it_names_arrives(written, tmp_path):
    variables = {
        "eventops_mode": "enforce",
        "eventops_store": str(tmp_path / "other.db"),
        "eventops_listen": "127.0.0.1:6001",
        "eventops_token_file": "/run/token",
        "eventops_alertmanager_url": "https://alertmanager.example.com",
        "eventops_alertmanager_settled": 60,
        "eventops_host_label": "node",
        "eventops_attempts": 5,
        "eventops_backoff": 0.5,
        "eventops_backoff_factor": 3,
        "eventops_max_backoff": 60,
        "eventops_confirm_within": 10,
        "eventops_cooldown": 7,
    }
    config, address, endpoint, adapter, confirm = configured(written, variables)
    policy = config.policy.base
    attempts = policy.attempts
    assert (policy.mode, config.store, policy.confirm_within, policy.cooldown) == ("enforce", tmp_path / "other.db", 10, 7)
    assert (attempts.max, attempts.backoff, attempts.factor, attempts.max_backoff) == (5, 0.5, 3, 60)
    assert (address, endpoint["auth"]["bearer"]["secrets"]) == ("127.0.0.1:6001", [{"file": "/run/token"}])
    assert adapter["hosts"][0] == {"label": "node"}
    assert (confirm.url, confirm.settled_after_seconds) == ("https://alertmanager.example.com", 60)


def event(type_: str, host: str, uuid: int, **data: object) -> dict:
    """Return an event as the router puts it."""
    hosts = [] if type_.startswith("case.") else [host]
    meta = {"uuid": f"00000000-0000-4000-8000-{uuid:012}", "hosts": hosts or ["localhost"]}
    envelope = {"type": type_, "id": f"{type_}/{uuid}", "time": "2026-01-31T12:00:00Z", "subject": host, "severity": "critical", "hosts": hosts}
    return {**envelope, "data": data, "meta": meta}


def test_its_rules_heal_what_an_alert_names_and_call_a_person(directory, env, service):
    web, machine, other = service("web"), service("machine"), service("other")
    rulebook = Rulebook(directory / "rulebook", env)
    log = directory / "escalations"
    checked = {"check": {"tcp": {"address": machine.address, "port": machine.port}}}
    rulebook.write(
        "eventops.infra.alertmanager_heal",
        {
            "web-01": {"our_services": [{"name": "web", "check": {"http": {"url": web.url}}, "start": {"command": web.start_command}}]},
            "web-02": {"our_services": [checked], "eventops_power": {"command": machine.start_command}},
            "web-03": {"our_services": [{"name": "web", "check": {"http": {"url": other.url}}, "start": {"command": other.start_command}}]},
        },
        {"eventops_services_variable": "our_services", "eventops_heal_wait": 30, "eventops_escalation_log": str(log)},
    )
    events = [
        event("alert.firing", "web-03", 1, name="ServiceDown", labels={"job": "web"}),  # which service it does not say
        event("alert.firing", "web-03", 2, name="SlowAnswers", labels={"service": "web"}),
        event("alert.resolved", "web-03", 3, name="ServiceDown", labels={"service": "web"}),
        event("alert.firing", "web-01", 4, name="ServiceDown", labels={"service": "web", "job": "web"}),
        event("alert.firing", "web-02", 5, name="HostDown", labels={"instance": "web-02:9100"}),
        event("case.exhausted", "web-04", 6, case=7, name="ServiceDown", hosts=["web-04"], reason="it broke"),
    ]

    def done() -> bool:
        return web.is_up and machine.is_up and log.exists() and len(log.read_text().splitlines()) == 1

    start_with_events(rulebook, events)
    try:
        wait_until(done, "all done", 120, lambda: rulebook.output)
    finally:
        rulebook.close()
    assert (web.number_of_starts, machine.number_of_starts, other.number_of_starts) == (1, 1, 0)
