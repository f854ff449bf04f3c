# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rulebooks for AWS: what their variables arrive as, and that the table at the top of each has all of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import NO_HOST
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.settings import Settings, read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import ConfigurationError, Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.event import Event
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import read_children, read_config
from ansible_collections.eventops.infra.tests.e2e.aws_site import shown
from ansible_rulebook.util import substitute_variables
from ansible_rulebook.validators import Validate
from jinja2 import UndefinedError

RULEBOOKS = Path(__file__).absolute().parents[3] / "extensions" / "eda" / "rulebooks"
README = RULEBOOKS.parents[2] / "README.md"
NAMES = ("auto_scale", "cloudwatch_heal", "log_incident")
POLICY = {
    "eventops_mode": "enforce",
    "eventops_attempts": 5,
    "eventops_backoff": 0.5,
    "eventops_backoff_factor": 3,
    "eventops_max_backoff": 60,
    "eventops_confirm_within": 10,
    "eventops_cooldown": 7,
}
ACCOUNTS = [{"name": "production", "regions": ["eu-west-1"], "role_arn": "arn:aws:iam::123456789012:role/eventops"}]


def text(name: str) -> str:
    return (RULEBOOKS / f"{name}.yml").read_text(encoding="utf-8")


def configured(name: str, tmp_path: Path, **variables: Any) -> tuple[Any, Settings]:
    """Return what the router and its source make of the arguments that ansible-rulebook gives to them."""
    (ruleset,) = yaml.safe_load(text(name))
    given = {**shown(f"{name}.md", "variables.yml"), "eventops_store": str(tmp_path / "store.db"), **variables}
    given = {key: value for key, value in given.items() if value is not None}
    arguments = {key: substitute_variables(value, given) for key, value in ruleset["sources"][0]["eventops.infra.router"].items()}
    mistakes = Mistakes()
    children = read_children(arguments, "", mistakes)
    config = read_config(arguments, children, where="", inventory=None, environment={}, mistakes=mistakes)
    mistakes.raise_if_any()
    (child,) = config.children
    return config, read_settings(child.args, {})


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_to_the_schema_of_ansible_rulebook(name):
    Validate.rulebook(yaml.safe_load(text(name)))


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_that_is_read_is_in_the_table_and_the_other_way_round(name):
    table, rules = text(name).split("\n- name:", 1)
    named = set(re.findall(r"^# (eventops_\w+)  ", table, re.MULTILINE))
    read = set(re.findall(r"\b(eventops_\w+)\b", rules)) - {"eventops_services"}
    assert read == named


@pytest.mark.parametrize("name", NAMES)
def test_with_the_variables_of_its_page_it_acts_and_without_the_mode_it_observes(name, tmp_path):
    config, settings = configured(name, tmp_path)
    assert (config.policy.base.mode, [place.region for place in settings.places]) == ("enforce", ["eu-central-1"])
    config, _settings = configured(name, tmp_path, eventops_mode=None)
    assert config.policy.base.mode == "observe"


@pytest.mark.parametrize("name", NAMES)
def test_the_variables_of_policy_and_account_arrive(name, tmp_path):
    config, settings = configured(name, tmp_path, eventops_aws_region=None, eventops_aws_accounts=ACCOUNTS, **POLICY)
    policy = config.policy.base
    attempts = policy.attempts
    assert (attempts.max, attempts.backoff, attempts.factor, attempts.max_backoff, policy.cooldown) == (5, 0.5, 3, 60, 7)
    (place,) = settings.places
    assert (str(place), place.access.role_arn) == ("production/eu-west-1", ACCOUNTS[0]["role_arn"])


@pytest.mark.parametrize(
    ("name", "variables", "error", "said"),
    [
        ("auto_scale", {"eventops_scale_groups": None}, UndefinedError, "'eventops_scale_groups' is undefined"),
        ("auto_scale", {"eventops_scale_groups": []}, ConfigurationError, "eventops_scale_groups is empty"),
        ("auto_scale", {"eventops_aws_labels": None}, UndefinedError, "'eventops_aws_labels' is undefined"),
        ("log_incident", {"eventops_log_services": None}, UndefinedError, "'eventops_log_services' is undefined"),
        ("log_incident", {"eventops_log_services": ["shop"]}, UndefinedError, "has no attribute 'keys'"),
    ],
)
def test_without_what_it_needs_it_does_not_start(name, variables, error, said, tmp_path):
    with pytest.raises(error, match=said):
        configured(name, tmp_path, **variables)


@pytest.mark.parametrize("name", ["auto_scale", "cloudwatch_heal"])
def test_alarms_are_polled_unless_a_queue_is_named(name, tmp_path):
    _config, settings = configured(name, tmp_path)
    assert (len(settings.queues), len(settings.alarms)) == (0, 1)
    _config, settings = configured(name, tmp_path, eventops_aws_queues=[{"name": "eventops"}])
    assert (len(settings.queues), len(settings.alarms)) == (1, 0)
    queues, alarms = [{"name": "eventops"}], [{"prefix": "web-"}]
    _config, settings = configured(name, tmp_path, eventops_aws_queues=queues, eventops_aws_alarms=alarms)
    assert (len(settings.queues), len(settings.alarms)) == (1, 1)


def test_alarms_of_one_group_are_the_same_work_and_those_that_ask_for_less_are_not_given_up(tmp_path):
    config, settings = configured("auto_scale", tmp_path, eventops_scale_in_every=60)
    assert config.policy.base.coalesce.by == ("data.labels.scale", "data.labels.AutoScalingGroupName")
    _calls, (ended, giving_back), (match, policy) = config.policy.overrides
    assert dict(match) == {"type": "alert.firing", "name": ["*-cpu-low"]}
    assert (policy.attempts.max, policy.attempts.backoff) == (100, 60)
    assert dict(ended) == {"type": "scale.temporary_ended"}
    assert (giving_back.attempts.max, giving_back.attempts.backoff, giving_back.attempts.max_backoff) == (12, 60, 1800)
    assert settings.hosts == ["none"]


def test_without_an_alarm_that_asks_for_less_nothing_is_exempt(tmp_path):
    config, _settings = configured("auto_scale", tmp_path, eventops_aws_labels=[{"name": "*", "labels": {"team": "web"}}])
    *_others, (match, _policy) = config.policy.overrides
    assert match["name"] == ["no alarm asks for it"]


@pytest.mark.parametrize("labels", [[], [{"name": "*", "labels": {"team": "web"}}]])
@pytest.mark.parametrize("name", ["auto_scale", "cloudwatch_heal"])
def test_no_dimension_of_an_alarm_is_taken_for_what_the_rulebook_says_of_it(name, labels, tmp_path):
    """Whoever publishes a metric names its dimensions."""
    _config, settings = configured(name, tmp_path, eventops_aws_labels=labels)
    read = set(re.findall(r"event\.data\.labels\.([a-z]+)\b", text(name))) - {"path"}
    data = {"monitor": "cloudwatch", "name": "cpu", "labels": {"InstanceId": "i-1", **dict.fromkeys(read, "theirs")}}
    alarm = Event("1", "aws:cloudwatch:aws:eu-central-1", "alert.firing", "cpu", "2026-01-31T12:00:00Z", "error", (), "k", data, {})
    assert read
    assert not read & set(settings.labels.given_to(alarm).data["labels"])


def test_the_variables_of_the_readme_can_be_read(tmp_path):
    (shown_there,) = [
        block for block in README.read_text(encoding="utf-8").split("```yaml\n") if block.startswith("eventops_mode: enforce\neventops_aws_region")
    ]
    config, settings = configured("auto_scale", tmp_path, **yaml.safe_load(shown_there.partition("```")[0]))
    assert config.policy.base.mode == "enforce" and settings.alarms


def test_only_the_groups_that_have_a_service_are_read(tmp_path):
    services = {"/a": "a", "/b": "b"}
    _config, settings = configured("log_incident", tmp_path, eventops_log_services=services, eventops_log_interval=5, eventops_log_window=7)
    ((logs, _places),) = settings.logs
    assert (logs.groups, logs.pattern, logs.interval_seconds, logs.window_seconds) == (("/a", "/b"), '"CRITICAL"', 5, 7)
    assert "none" not in settings.hosts


def test_what_is_to_be_healed_on_a_host_is_not_healed_on_the_controller(tmp_path):
    _config, settings = configured("cloudwatch_heal", tmp_path)
    assert [*settings.hosts, NO_HOST] == list(DEFAULT_HOSTS)
    by_tag = [{"label": "InstanceId", "by": "tag:Name"}]
    _config, settings = configured("cloudwatch_heal", tmp_path, eventops_aws_hosts=by_tag)
    assert settings.hosts == by_tag
