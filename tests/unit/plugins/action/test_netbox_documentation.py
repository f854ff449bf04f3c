# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the documentation of the modules that compare hosts with NetBox says they take, and the role passes on, is what they take."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from ansible_collections.eventops.infra.plugins.doc_fragments.netbox_api import ModuleDocFragment
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.netbox_action import CONNECTION

PLUGINS = "ansible_collections.eventops.infra.plugins"
ROLE = Path(__file__).absolute().parents[4] / "roles" / "netbox_drift"
MODULES = ["netbox_drift", "netbox_host_info"]
# What the role has of its own.
OWN = {"fail", "report", "name", "site", "cluster"}


def plain(options: dict) -> dict:
    """Return options as code has them: without descriptions, and whether a secret is shown, which documentation does not say."""
    found = {}
    for name, option in options.items():
        option = {"options" if key == "suboptions" else key: value for key, value in option.items() if key not in ("description", "no_log")}
        found[name] = option | ({"options": plain(option["options"])} if "options" in option else {})
    return found


def documented(module: str) -> dict:
    own = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)["options"]
    return plain({**own, **yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]})


def arguments(module: str) -> dict:
    return plain({**importlib.import_module(f"{PLUGINS}.action.{module}").ActionModule.ARGUMENTS, **CONNECTION})


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_documented_as_it_is(module):
    assert documented(module) == arguments(module)


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_use_options_that_there_are(module):
    examples = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").EXAMPLES)

    for task in examples:
        assert task[f"eventops.infra.{module}"].keys() <= arguments(module).keys()


def test_the_role_has_an_option_for_each_of_the_module_and_the_same_defaults():
    options = arguments("netbox_drift")
    specification = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    of_role = {name.removeprefix("netbox_drift_"): option for name, option in specification.items()}
    defaults = {name.removeprefix("netbox_drift_"): value for name, value in yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()).items()}

    assert of_role.keys() - OWN == options.keys() - {"documented"}
    assert defaults.keys() == of_role.keys() - {"name", "site", "cluster"}
    for name in of_role.keys() - OWN - {"url", "token", "ca_path"}:
        assert of_role[name]["type"] == options[name]["type"], name
        assert of_role[name].get("choices") == options[name].get("choices"), name
        assert defaults[name] == options[name]["default"], name


def test_the_readme_of_the_role_has_every_variable():
    text = (ROLE / "README.md").read_text()
    specification = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]

    assert [name for name in specification if f"`{name}`" not in text] == []
