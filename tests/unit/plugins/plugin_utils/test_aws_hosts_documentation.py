# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/aws_hosts.md says is so: its rules, its rights and its figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.host_rules import HOSTS_SCHEMA, MOST_LOOKED_UP
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.cache import ABSENT_SECONDS, KNOWN_SECONDS, MOST
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.default_rules import DEFAULT_HOSTS
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.inquiries import INQUIRIES
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.lookups import MOST_AT_ONCE
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.machines import MOST_INSTANCES
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.directory.resource import resource_of
from jsonschema import Draft202012Validator

DOCUMENT = (Path(__file__).absolute().parents[4] / "docs" / "aws_hosts.md").read_text(encoding="utf-8")


def blocks(language: str, title: str) -> list[str]:
    text = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_default_is_the_default():
    (block,) = blocks("yaml", "By default")
    assert yaml.safe_load(block)["hosts"] == list(DEFAULT_HOSTS)


def test_the_rules_are_rules():
    (block,) = blocks("yaml", "Looked up")
    rules = yaml.safe_load(block)["hosts"]
    Draft202012Validator(HOSTS_SCHEMA).validate(rules)
    used = {key for rule in rules if rule != "none" for key in rule}
    assert {"by", "hostvar", "instances"} <= used


def test_every_action_is_among_the_rights_and_no_other():
    (block,) = blocks("json", "Rights")
    (statement,) = json.loads(block)["Statement"]
    assert sorted(statement["Action"]) == sorted({each.action for each in INQUIRIES.values()} - {"sts:GetCallerIdentity"})
    table = DOCUMENT.partition("## Looked up")[2].partition("## Never guessed")[0]
    assert all(f"`{action}`" in table for action in statement["Action"])


def test_the_dimensions_of_the_table_are_known():
    examples = {"LoadBalancer": "app/a/50dc6c495c0c9188", "TargetGroup": "targetgroup/a/50dc6c495c0c9188", "TaskId": "0" * 32}
    for dimension in ("AutoScalingGroupName", "ServiceName", "ClusterName", "DBInstanceIdentifier", "DBClusterIdentifier", "LoadBalancerName", *examples):
        assert f"`{dimension}`" in DOCUMENT
        assert resource_of(examples.get(dimension, "a"), dimension, {"ClusterName": "shop"}) is not None


def test_the_figures_are_right():
    assert f"up to {MOST_INSTANCES} instances" in DOCUMENT
    assert f"kept for {KNOWN_SECONDS:.0f} seconds, one that there is no such thing for {ABSENT_SECONDS:.0f}, and at most {MOST:,} answers" in DOCUMENT
    assert MOST_LOOKED_UP == 50 and "50 values are looked up" in DOCUMENT
    assert MOST_AT_ONCE == 8 and "at most eight requests to one service" in DOCUMENT
