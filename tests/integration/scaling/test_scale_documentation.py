# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What docs/scale.md shows does what it says."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.plugin_utils.configuration import Mistakes
from ansible_collections.eventops.infra.plugins.plugin_utils.router.config import read_config
from ansible_collections.eventops.infra.tests.doubles.aws import faulty
from ansible_collections.eventops.infra.tests.integration.roles.site import Site
from ansible_collections.eventops.infra.tests.integration.scaling.group import Group
from ansible_rulebook.validators import Validate

ROOT = Path(__file__).absolute().parents[3]
# Not the one of a virtual environment: the kernel takes no interpreter with a space in its path, which a checkout may have.
PYTHON = Path(sys.executable).resolve()
DOCS = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
# The page about Azure has the variables for it.
AZURE = (ROOT / "docs" / "scale_azure.md").read_text(encoding="utf-8")
README = (ROOT / "roles" / "scale" / "README.md").read_text(encoding="utf-8")

# As much of kubectl as the page needs: a deployment in a file.
KUBECTL = """#!{python}
import json, pathlib, sys
file = pathlib.Path(__file__).with_name("replicas")
if sys.argv[1:3] == ["scale", "deployment/shop"]:
    file.write_text(sys.argv[3].partition("=")[2])
elif sys.argv[1:] == ["get", "deployment", "shop", "-o", "json"]:
    replicas = int(file.read_text())
    print(json.dumps({{"spec": {{"replicas": replicas}}, "status": {{"readyReplicas": replicas}}}}))
else:
    sys.exit(f"unexpected: {{sys.argv}}")
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


def block(language: str, part: str) -> str:
    (found,) = [text for text in blocks(language) if part in text]
    return found


def commands(part: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for line in block("console", part).splitlines() if line.startswith("ansible-playbook")]


def run(site: Site, command: list[str], env: dict):
    """Run a command of the page in the folder that has the inventory."""
    assert command[:3] == ["eventops.infra.scale", "-i", "inventory"]
    return site.play(command[0], *command[3:], **env)


@pytest.fixture
def documented(aws, site):
    """Return the group of the page, and its inventory."""
    group = Group(aws, site, most=12)
    site.write("inventory/hosts.yml", block("yaml", "# inventory/hosts.yml"))
    return group


def test_scaling_by_hand_with_the_policy_of_the_page(aws, site, documented):
    (_pip, *_others), by_hand = block("console", "--check").splitlines(), commands("--check")
    aws.forget_calls()

    check, first, second = (run(site, command, aws.environment) for command in by_hand)

    assert [done.rc for done in (check, first, second)] == [0, 0, 0], second.output
    assert "check mode, so this is neither done nor verified" in check.text
    assert re.search(r"web has been scaled from 2 to 3 instances. Came: i-[0-9a-f]{17}. Went: none that it names.", first.text)
    assert re.search(r"web is left as it is: it was last changed at 20\S+Z, and 300 s must pass before it is scaled out, 2\d\d s from now.", second.text)
    with faulty(aws.url) as proxy:
        documented.age()
        # A refusal has the record written back, which is a call more.
        documented.client.delete_tags(Tags=[{"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "eventops:scale"}])
        proxy.fail("denied", calls=["SetDesiredCapacity"])
        assert run(site, by_hand[1], proxy.environment).rc == 2
        asked = {call for call in proxy.calls if proxy.calls[call]}
    statements = json.loads(block("json", "Statement"))["Statement"]
    allowed = [action for each in statements for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])]
    assert {f"autoscaling:{call}" for call in asked} == set(allowed)


def test_without_a_router_the_command_for_a_time_adds_nothing(aws, site, documented):
    (command,) = commands("scale_for=2h")
    done = run(site, command, aws.environment)
    assert done.rc == 2 and "cannot be told of it" in done.text
    assert documented.was_set == 0


def test_the_rules_are_rules_and_give_what_the_role_takes():
    rules = [rule for text in blocks("yaml") for rule in yaml.safe_load(text) if isinstance(rule, dict) and "condition" in rule]
    assert len(rules) == 3
    Validate.rulebook([{"name": "Page", "hosts": "all", "sources": [{"eventops.infra.router": {}}], "rules": rules}])
    specs = yaml.safe_load((ROOT / "roles" / "scale" / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    for rule in rules:
        assert rule["action"]["run_playbook"]["extra_vars"].keys() <= specs.keys()


def test_the_policy_is_one(tmp_path):
    mistakes = Mistakes()
    policy = yaml.safe_load(block("yaml", "overrides:"))
    read_config({"policy": policy}, [], where="", inventory=None, environment={"EVENTOPS_STORE": str(tmp_path / "store.db")}, mistakes=mistakes)
    mistakes.raise_if_any()


def test_a_deployment_is_scaled_by_programs(site):
    (entry,) = yaml.safe_load(block("yaml", "kubectl"))
    programs = site.directory / "bin"
    site.write("bin/kubectl", KUBECTL.format(python=PYTHON), 0o755)
    site.write("bin/replicas", "2")
    measure = site.write("measure-shop", block("python", "deployment").replace("/usr/bin/env python3", str(PYTHON)), 0o755)
    site.inventory({"localhost": {"scale_groups": [entry | {"measure": [str(measure)]}]}})

    done = site.play("eventops.infra.scale", limit="localhost", variables={"scale_group": "shop", "scale_to": 5}, PATH=f"{programs}:{site.env['PATH']}")

    assert done.rc == 0, done.output
    assert (programs / "replicas").read_text() == "5"


def test_the_readme_has_every_variable_and_no_other():
    specs = yaml.safe_load((ROOT / "roles" / "scale" / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    of_entries = specs["scale_groups"]["options"]
    named = set(re.findall(r"`(\w+)`", README + AZURE))
    assert {name for name in specs if name not in named} == set()
    assert {name for name in of_entries if name not in named} == set()
    assert {name for name in named if name.startswith("scale_") and name not in specs} <= {"scale_result"}
