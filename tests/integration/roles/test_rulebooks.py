# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all rulebooks of the collection have in common: the console, and how they call people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import RouterConfig, read_config
from ansible_collections.eventops.infra.plugins.plugin_utils.router.policy.matching import Subject
from ansible_rulebook.util import substitute_variables

RULEBOOKS = sorted((Path(__file__).absolute().parents[3] / "extensions" / "eda" / "rulebooks").glob("*.yml"))
OWN = {"eventops_escalation_playbook": "call.yml"}
CALL = {"type": "case.unresolved", "name": "web-cpu", "kind": "change", "severity": "error", "child": "eventops:router", "dedup_key": "case.unresolved/1"}


@pytest.fixture(params=RULEBOOKS, ids=lambda path: path.stem)
def arguments(request) -> dict[str, Any]:
    """The arguments of a rulebook's router as they are written."""
    (ruleset,) = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    return ruleset["sources"][0]["eventops.infra.router"]


def configured(written: Any, names: list[str], variables: dict[str, Any]) -> RouterConfig:
    """Return what the router makes of some of its arguments as ansible-rulebook gives them to it."""
    mistakes = Mistakes()
    given = {"mode": "observe"} | {name: substitute_variables(written[name], variables) for name in names}
    config = read_config(given, (), where="", inventory=None, environment={}, mistakes=mistakes)
    mistakes.raise_if_any()
    return config


def test_the_console_is_where_the_variable_says_and_else_nowhere(arguments):
    assert configured(arguments, ["listen"], {}).listen is None
    listen = configured(arguments, ["listen"], {"eventops_console": {"address": "127.0.0.1:5050"}}).listen
    assert (listen.host, listen.port) == ("127.0.0.1", 5050)


@pytest.mark.parametrize(
    ("variables", "by"),
    [
        ({}, ("type",)),
        ({"eventops_escalation_playbook": "eventops.infra.escalate"}, ("type",)),
        (OWN, ()),
        ({**OWN, "eventops_escalation_together": True}, ("type",)),
        ({**OWN, "eventops_escalation_together": "true"}, ("type",)),
        ({**OWN, "eventops_escalation_together": "false"}, ()),
        ({"eventops_escalation_together": False}, ()),
    ],
    ids=["by default", "the default one, named", "one's own", "that reads the entries", "as a text", "as another text", "each by itself"],
)
def test_people_are_called_for_many_cases_in_one_run_where_the_playbook_reads_all_of_them(arguments, variables, by):
    variables |= {"eventops_scale_groups": [{"name": "web"}], "eventops_aws_labels": [], "eventops_log_services": {}}
    policy = configured(arguments, ["policy"], variables).policy
    assert policy.of(Subject(**CALL, subject="i-1", hosts=())).coalesce.by == by
    assert "type" not in policy.of(Subject(**CALL | {"type": "alert.firing"}, subject="i-1", hosts=())).coalesce.by
